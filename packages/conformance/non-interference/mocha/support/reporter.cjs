/** Writes down every event that Mocha has, in order, and reports as `spec` does. */
const { mkdirSync, appendFileSync } = require('node:fs')
const { join } = require('node:path')
const { Runner, reporters } = require('mocha')

const folder = join(process.cwd(), 'observed', process.env.OBSERVED ?? 'run')

module.exports = class Events extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options)
    mkdirSync(folder, { recursive: true })
    for (const [constant, event] of Object.entries(Runner.constants))
      if (constant.startsWith('EVENT_')) runner.on(event, (...args) => record(event, args))
    runner.on('end', () =>
      appendFileSync(join(folder, 'events.log'), JSON.stringify({ ...runner.stats, start: 0, end: 0, duration: 0 })),
    )
  }
}

function record(event, args) {
  appendFileSync(join(folder, 'events.log'), `${[event, ...args.map(show)].join(' ')}\n`)
}

function show(arg) {
  if (arg instanceof Error)
    return JSON.stringify({ message: arg.message, stack: arg.stack, code: arg.code, cause: String(arg.cause) })
  if (typeof arg?.fullTitle !== 'function') return JSON.stringify(arg) ?? ''
  const { type, state, pending, sync, timedOut, isPending } = arg
  return JSON.stringify({
    type,
    title: arg.fullTitle(),
    state,
    pending,
    sync,
    timedOut,
    isPending: isPending?.call(arg),
    retry: arg._currentRetry,
    body: arg.body?.length,
    length: arg.fn?.length,
    timeout: arg.timeout?.(),
    slow: arg.slow?.(),
    file: arg.file,
    root: arg.root,
    tests: arg.tests?.length,
  })
}
