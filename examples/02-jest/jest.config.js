const { withDustpan } = require('@dustpan/jest-environment/config')

module.exports = withDustpan({})
