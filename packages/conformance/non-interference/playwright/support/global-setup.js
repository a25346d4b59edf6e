export default async function globalSetup() {
  console.log('global setup')
  process.env.FROM_GLOBAL_SETUP = '42'
  return () => console.log('global teardown')
}
