export default {
  name: 'custom',
  viteEnvironment: 'ssr',
  transformMode: 'ssr',
  setup(global, options) {
    global.fromEnvironment = JSON.stringify(options)
    return {
      teardown() {
        delete global.fromEnvironment
      },
    }
  },
}
