/** Writes down every event that Vitest has, by test, suite and file. In what order they come is decided by when their packets arrive. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const folder = join(process.cwd(), 'observed', process.env.OBSERVED ?? 'run')
const events = [
  'onInit',
  'onTestRunStart',
  'onTestModuleQueued',
  'onTestModuleCollected',
  'onTestModuleStart',
  'onTestModuleEnd',
  'onTestSuiteReady',
  'onTestSuiteResult',
  'onTestCaseReady',
  'onTestCaseAnnotate',
  'onTestCaseArtifactRecord',
  'onTestCaseResult',
  'onTestRunEnd',
  'onHookStart',
  'onHookEnd',
  'onCoverage',
  'onUserConsoleLog',
  'onProcessTimeout',
]

export default class Events {
  constructor() {
    mkdirSync(folder, { recursive: true })
    for (const event of events) this[event] = (...args) => record(event, args)
  }
}

const told = new Map()

function record(event, args) {
  const about = title(args[0])
  const lines = told.get(about) ?? [about]
  told.set(about, lines)
  lines.push(
    `  ${event} ${args
      .map((arg) => (/Ready|Start|Queued|Collected/.test(event) ? title(arg) : show(arg)))
      .filter(Boolean)
      .join(' ')}`,
  )
  if (event !== 'onTestRunEnd') return
  writeFileSync(
    join(folder, 'events.log'),
    [...told.values()]
      .map((group) => group.sort().join('\n'))
      .sort()
      .join('\n'),
  )
}

/** Events come in packets, so that what has a result when it is said to begin differs between any two runs. */
function title(arg) {
  if (Array.isArray(arg)) return `[${arg.map(title).join(' ')}]`
  return arg?.fullName ?? arg?.moduleId ?? (arg?.entity && `${arg.name} of ${title(arg.entity)}`) ?? ''
}

function show(arg) {
  if (arg === undefined || arg === null) return String(arg)
  if (typeof arg === 'string') return JSON.stringify(arg)
  if (Array.isArray(arg)) return `[${arg.map(show).sort().join(' ')}]`
  if (arg.type === 'test')
    return `${arg.fullName} ${JSON.stringify(lasting(arg.result()))} meta ${JSON.stringify(arg.meta())} ${JSON.stringify(arg.options)} ${arg.annotations().length} ${arg.artifacts?.().length}`
  if (arg.type === 'suite')
    return `${arg.fullName} ${arg.state()} ${arg.children.size} ${JSON.stringify(arg.errors().map(lasting))} meta ${JSON.stringify(arg.meta())}`
  if (arg.type === 'module')
    return `${arg.moduleId} ${arg.state()} ${arg.children?.size} ${JSON.stringify(arg.errors().map(lasting))} meta ${JSON.stringify(arg.meta())}`
  if (arg.moduleId) return arg.moduleId
  if (arg.entity) return `${arg.name} of ${title(arg.entity)}`
  if (typeof arg.content === 'string') return `${arg.type} ${JSON.stringify(arg.content)} ${typeof arg.taskId}`
  if (arg instanceof Error || arg.message) return JSON.stringify(lasting(arg))
  return ''
}

/** Results without what differs between any two runs. */
function lasting(value) {
  return JSON.parse(
    JSON.stringify(value ?? null, (key, part) => (/^(duration|startTime|heap)$/.test(key) ? undefined : part)),
  )
}
