export default function setup({ provide }) {
  console.log('global setup')
  provide('fromGlobalSetup', 42)
  return () => console.log('global teardown')
}
