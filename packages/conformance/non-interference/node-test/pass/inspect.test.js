import { channel } from 'node:diagnostics_channel'
import * as all from 'node:test'
import { after, test } from 'node:test'
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

test('the surface', () => observe('surface', surface()))
test('globals and listeners', () => observe('globals', { ...globals(), ...listeners() }))
test('the environment', () =>
  observe('environment', Object.fromEntries(Object.keys(process.env).map((name) => [name, typeof process.env[name]]))))
test('the process', () =>
  observe('process', {
    argv: process.argv.length,
    exitCode: String(process.exitCode),
    stackTraceLimit: Error.stackTraceLimit,
    prepareStackTrace: typeof Error.prepareStackTrace,
    umask: process.umask(),
    cwd: process.cwd(),
  }))
test('what a test gets', function (t) {
  observe('context', {
    arguments: arguments.length,
    this: String(this === t),
    keys: Reflect.ownKeys(t).map(String).join(),
    prototype: Reflect.ownKeys(Object.getPrototypeOf(t)).map(String).join(),
    name: t.fullName,
    file: t.filePath,
    attempt: t.attempt,
    functions: Object.entries(all)
      .map(([name, value]) => `${name}: ${value?.name}/${value?.length} ${String(value).length}`)
      .join('; '),
    test: Reflect.ownKeys(test).map(String).join(),
  })
})
test('what a callback gets', function (t, done) {
  observe('callback', { arguments: arguments.length, length: done.length, name: done.name })
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
test('channels that nobody but Dustpan listens to', () =>
  observe('channels', {
    undici: channel('undici:request:create').hasSubscribers,
    http: channel('http.client.request.created').hasSubscribers,
  }))
