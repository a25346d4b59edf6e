module.exports = async () => console.log('global teardown')
