import { channel } from 'node:diagnostics_channel'
import { observe } from '../observe/observe.js'
import { globals, listeners, surface } from '../observe/surface.js'
import { expect, test } from '../support/test.js'

test.afterAll(() =>
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
    worker: [process.env.TEST_WORKER_INDEX, process.env.TEST_PARALLEL_INDEX].join(),
    umask: process.umask(),
    cwd: process.cwd(),
  }))
test('what a test gets', function ({}, info) {
  observe('context', {
    arguments: arguments.length,
    this: typeof this,
    fixtures: Object.keys(arguments[0]).join(),
    info: Object.keys(info)
      .filter((name) => !name.startsWith('_'))
      .sort()
      .join(),
    attachments: info.attachments.length,
    annotations: info.annotations.length,
    errors: info.errors.length,
    timeout: info.timeout,
    status: String(info.status),
    test: Reflect.ownKeys(test).map(String).sort().join(),
    expect: Object.keys(expect).sort().join(),
  })
})
test('requests', async ({ request, playwright }) => {
  const own = await playwright.request.newContext()
  const shape = (value) =>
    Reflect.ownKeys(Object.getPrototypeOf(value))
      .map((name) => `${String(name)} ${value[name]?.name}/${value[name]?.length}`)
      .join()
  observe('requests', { fixture: shape(request), own: shape(own) })
  await own.dispose()
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
