import { channel } from 'node:diagnostics_channel'
import { observe } from '../observe/observe.js'
import { globals, listeners } from '../observe/surface.js'

afterAll(() =>
  observe('after all', {
    ...listeners(),
    resources: process
      .getActiveResourcesInfo()
      .filter((name) => name !== 'Timeout')
      .sort()
      .join(),
  }),
)

test('globals and listeners', () => observe('globals', { ...globals(), ...listeners() }))
test('the environment', () =>
  observe('environment', Object.fromEntries(Object.keys(process.env).map((name) => [name, typeof process.env[name]]))))
test('the process', () =>
  observe('process', {
    argv: process.argv.length,
    execArgv: process.execArgv.join(' '),
    exitCode: String(process.exitCode),
    worker: process.env.JEST_WORKER_ID,
    stackTraceLimit: Error.stackTraceLimit,
    prepareStackTrace: typeof Error.prepareStackTrace,
    umask: process.umask(),
    cwd: process.cwd(),
    require: Object.keys(require.cache).length,
    state: Object.keys(expect.getState()).sort().join(),
    circus: Object.getOwnPropertySymbols(globalThis)
      .map(String)
      .filter((name) => /circus|jest/i.test(name))
      .sort()
      .join(),
    seed: typeof jest.getSeed,
    jest: Object.keys(jest).sort().join(),
  }))
test('what a test gets', function () {
  observe('context', {
    arguments: arguments.length,
    this: JSON.stringify(this) ?? 'undefined',
    keys: Object.keys(this ?? {}).join(),
  })
})
test('what a callback gets', function (done) {
  observe('callback', {
    arguments: arguments.length,
    length: done.length,
    name: done.name,
    keys: Object.keys(done).join(),
  })
  done()
})
test('stacks', async () => {
  const usual = new Error('usual').stack
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = Number.POSITIVE_INFINITY
  const whole = new Error('whole').stack
  await undefined
  const afterwards = new Error('afterwards').stack
  Error.stackTraceLimit = limit
  observe('stacks', { usual, whole, afterwards })
})
test('realm', () =>
  observe('realm', {
    errors: new Error('x') instanceof Error,
    arrays: [] instanceof Array,
    fetch: String(globalThis.fetch),
    timers: String(setTimeout) + String(setImmediate) + String(queueMicrotask),
    same: String(require('node:timers').setTimeout === setTimeout),
  }))
test('channels that nobody but Dustpan listens to', () =>
  observe('channels', {
    undici: channel('undici:request:create').hasSubscribers,
    http: channel('http.client.request.created').hasSubscribers,
  }))
