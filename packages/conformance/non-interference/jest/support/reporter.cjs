/** Writes down every event that Jest has, in order; of workers, whose files overlap, file by file. */
const { mkdirSync, writeFileSync } = require('node:fs')
const { join, relative } = require('node:path')

const folder = join(process.cwd(), 'observed', process.env.OBSERVED ?? 'run')
const events = [
  'onRunStart',
  'onTestFileStart',
  'onTestCaseStart',
  'onTestCaseResult',
  'onTestFileResult',
  'onRunComplete',
]

module.exports = class Events {
  constructor() {
    mkdirSync(folder, { recursive: true })
    for (const event of events) this[event] = (...args) => record(event, args)
  }
}

const told = new Map()

function record(event, [about, ...results]) {
  const overlaps = process.env.FILE_BY_FILE !== undefined
  const place = overlaps ? (about?.path ?? '') : ''
  const lines = told.get(place) ?? []
  told.set(place, lines)
  // The second result is that of all files so far.
  const shown = overlaps ? [about, results[0]] : [about, ...results]
  if (!overlaps || about?.path) lines.push(`${event} ${shown.map(show).join(' ')}`)
  if (event === 'onRunComplete')
    writeFileSync(
      join(folder, 'events.log'),
      [...told]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .flatMap(([, lines]) => lines)
        .join('\n'),
    )
}

function show(arg) {
  if (arg?.path && arg.context) return relative(process.cwd(), arg.path)
  return JSON.stringify(arg, (key, value) =>
    /duration|runtime|start|end|perf|memory|slow|coverage|context|config|path|cache|failureDetails|v8/i.test(key)
      ? undefined
      : value,
  )
}
