import { channel } from 'node:diagnostics_channel'
import { afterAll, expect, test } from 'vitest'
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
  observe('environment', {
    names: undefined,
    ...Object.fromEntries(Object.keys(process.env).map((name) => [name, typeof process.env[name]])),
  }))
test('the process', () =>
  observe('process', {
    argv: process.argv.length,
    execArgv: process.execArgv.join(' '),
    exitCode: String(process.exitCode),
    worker: [process.env.VITEST_WORKER_ID, process.env.VITEST_POOL_ID].join(),
    stackTraceLimit: Error.stackTraceLimit,
    prepareStackTrace: String(Error.prepareStackTrace),
    warnings: process.listenerCount('warning'),
    umask: process.umask(),
    cwd: process.cwd(),
  }))
test('what a test gets', function (context) {
  observe('context', {
    keys: Reflect.ownKeys(context).map(String).join(),
    task: Object.keys(context.task).sort().join(),
    meta: context.task.meta,
    context: String(context.task.context === context),
    suite: context.task.suite?.name ?? 'none',
    arguments: arguments.length,
    this: typeof this,
    state: Object.keys(expect.getState()).sort().join(),
    timeout: context.task.timeout,
  })
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
    module: channel('tracing:module.import:start').hasSubscribers,
  }))
