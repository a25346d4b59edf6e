import { channel } from 'node:diagnostics_channel'
import { observe } from '../observe/observe.js'
import { globals, listeners, surface } from '../observe/surface.js'

after(() =>
  observe('after all', {
    ...listeners(),
    resources: process
      .getActiveResourcesInfo()
      .filter((name) => name !== 'Timeout')
      .sort()
      .join(),
  }),
)

it('the surface', () => observe('surface', surface()))
it('globals and listeners', () => observe('globals', { ...globals(), ...listeners() }))
it('the environment', () =>
  observe('environment', Object.fromEntries(Object.keys(process.env).map((name) => [name, typeof process.env[name]]))))
it('the process', () =>
  observe('process', {
    argv: process.argv.length,
    execArgv: process.execArgv.join(' '),
    exitCode: String(process.exitCode),
    worker: String(process.env.MOCHA_WORKER_ID),
    stackTraceLimit: Error.stackTraceLimit,
    prepareStackTrace: String(Error.prepareStackTrace),
    umask: process.umask(),
    cwd: process.cwd(),
  }))
it('what a test gets', function () {
  const { test } = this
  const chain = (prototype) =>
    prototype && prototype !== Object.prototype
      ? [Object.keys(prototype).join(), ...chain(Object.getPrototypeOf(prototype))]
      : []
  observe('context', {
    arguments: arguments.length,
    this: chain(this).join(' | '),
    test: Object.keys(test).sort().join(),
    own: String(test.fn).slice(0, 40),
    length: test.fn.length,
    timeout: this.timeout(),
    parent: Object.keys(test.parent).sort().join(),
    it: [it.length, it.name, String(it).length].join(),
    describe: [describe.length, describe.name].join(),
  })
})
it('what a callback gets', function (done) {
  observe('callback', { arguments: arguments.length, length: done.length, name: done.name })
  done()
})
it('stacks', async () => {
  const usual = new Error('usual').stack
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = Number.POSITIVE_INFINITY
  const whole = new Error('whole').stack
  await undefined
  const afterwards = new Error('afterwards').stack
  Error.stackTraceLimit = limit
  observe('stacks', { usual, whole, afterwards })
})
it('channels that nobody but Dustpan listens to', () =>
  observe('channels', {
    undici: channel('undici:request:create').hasSubscribers,
    http: channel('http.client.request.created').hasSubscribers,
  }))
