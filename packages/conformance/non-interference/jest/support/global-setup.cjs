module.exports = async () => {
  console.log('global setup')
  process.env.FROM_GLOBAL_SETUP = '42'
}
