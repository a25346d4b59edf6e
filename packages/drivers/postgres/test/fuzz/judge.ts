/** Compares the tracked rows with the log of the database: none is missing, and none is of somebody else. */

import type { RecordingSink } from '@dustpan/conformance/capture'
import type { Json } from '@dustpan/core/driver'
import { type Step, sendsOf } from './episode.ts'
import type { Inspection, LogRow } from './inspect.ts'
import type { Untracked } from './writer.ts'

export interface Tracking {
  readonly sink: RecordingSink
  /** The warnings of each step. */
  readonly warnings: readonly (readonly { code: string; message: string }[])[]
  readonly unnumbered: ReadonlySet<number>
}

interface Row {
  readonly type: string
  readonly key: string
  readonly log: LogRow
}

export function judge(steps: readonly Step[], { log, tables }: Inspection, tracking: Tracking): string[] {
  const { rows, known, deletions } = survivors(log)
  const there = [...rows.values()].filter(({ log: { leaf } }) => tables.has(leaf.replace(/^public\./, '')))
  const tracked = trackedRows(tracking.sink)
  return [
    ...there.flatMap((row) => lost(row, tracked, steps, tracking)),
    ...[...tracked.values()].flatMap((one) =>
      claimed(one, rows, known, () => isDeletedInWith(one, deletions, steps, tracking)),
    ),
    ...needless(steps, tracking),
    ...open(tracking),
  ]
}

/** Rows that exist in the end and whose INSERT was logged, every row that a test ever created, and deletions. */
function survivors(log: readonly LogRow[]) {
  const rows = new Map<string, Row>()
  const known = new Set<string>()
  const deletions = new Map<string, LogRow>()
  const rowOf = (entry: LogRow, key: readonly string[] | null): Row => ({
    type: entry.type,
    key: keyText(key ?? []),
    log: entry,
  })
  const id = (entry: LogRow, key: readonly string[] | null) => `${entry.leaf} ${keyText(key ?? [])}`
  for (const entry of log) {
    if (entry.op === 'INSERT') {
      rows.set(id(entry, entry.new_key), rowOf(entry, entry.new_key))
      if (entry.who !== 'stranger') known.add(`${root(entry.type)} ${keyText(entry.new_key ?? [])}`)
    }
    if (entry.op === 'DELETE') {
      rows.delete(id(entry, entry.old_key))
      deletions.set(`${root(entry.type)} ${keyText(entry.old_key ?? [])}`, entry)
    }
    if (entry.op === 'TRUNCATE') for (const [key, row] of rows) if (row.log.leaf === entry.leaf) rows.delete(key)
  }
  return { rows, known, deletions }
}

interface TrackedRow {
  readonly type: string
  readonly key: string
  readonly scope: string
}

function trackedRows(sink: RecordingSink): Map<string, TrackedRow> {
  const rows = new Map<string, TrackedRow>()
  for (const { type, key, scope, state } of sink.records) {
    if (state === 'gone') continue
    const row = { type: root(type), key: keyText(Array.isArray(key) ? key : [key]), scope }
    rows.set(`${row.type} ${row.key}`, row)
  }
  return rows
}

function lost(row: Row, tracked: Map<string, TrackedRow>, steps: readonly Step[], tracking: Tracking): string[] {
  const { who, depth, role, step } = row.log
  if (who === 'stranger' || depth > 1) return []
  const record = tracked.get(`${root(row.type)} ${row.key}`)
  if (record)
    return rightScope(record, row.log, tracking)
      ? []
      : [`${row.type} ${row.key} of step ${step} was recorded by ${record.scope}`]
  const possible = suspects(row.log, steps, tracking)
  const excused = possible.some((number) =>
    isExcused(row, role, steps[number] as Step, tracking.warnings[number] ?? []),
  )
  return excused ? [] : [`lost: ${row.type} ${row.key}, made by ${who} in step ${step}`]
}

/** The steps that may have created a row. */
function suspects({ who, step }: LogRow, steps: readonly Step[], { unnumbered }: Tracking): number[] {
  const all = [...steps.keys()]
  if (who === 'pool') return all.filter((number) => steps[number]?.kind.startsWith('pool'))
  return all.filter((number) => String(number) === step || unnumbered.has(number))
}

function isExcused(row: Row, role: string, step: Step, warnings: Tracking['warnings'][number]): boolean {
  const isWarned = (code: string) => warnings.some((warning) => warning.code === code)
  const forms = untrackedBy(step).filter(({ type }) => root(type) === root(row.type))
  if (forms.some(({ code }) => code === null || isWarned(code))) return true
  if (warnings.some(({ message }) => mayBeOld.test(message))) return true
  return role !== 'none' && isWarned('DUSTPAN_SQL_UNATTRIBUTED')
}

function rightScope({ scope }: TrackedRow, { who, step }: LogRow, { unnumbered }: Tracking): boolean {
  return who === 'pool' || scope === `step ${step}` || unnumbered.has(Number(scope.slice(5)))
}

/** Tables whose rows are also deleted through other tables: a partitioned table, a parent table or a cascading foreign key. */
const deletedElsewhere = new Set(['split', 'staff', 'orders'])

/** A record must be of a row that a test created and that still exists, unless its deletion cannot be seen. */
function claimed(
  record: TrackedRow,
  rows: Map<string, Row>,
  known: ReadonlySet<string>,
  isExcusable: () => boolean,
): string[] {
  const id = `${record.type} ${record.key}`
  if (!known.has(id)) return [`claimed: ${id}, recorded by ${record.scope}, which no test made`]
  const there = [...rows.values()].filter((row) => `${root(row.type)} ${row.key}` === id)
  const strangers = there.length > 0 && there.every(({ log }) => log.who === 'stranger')
  if (strangers) return [`claimed: ${id}, recorded by ${record.scope}, is somebody else's`]
  return there.length > 0 || deletedElsewhere.has(record.type) || isExcusable()
    ? []
    : [`stale: ${id}, recorded by ${record.scope}, is gone`]
}

/** A DELETE in WITH does not return its keys if a `*` would show the added columns. */
function isDeletedInWith(
  { type, key }: TrackedRow,
  deletions: ReadonlyMap<string, LogRow>,
  steps: readonly Step[],
  tracking: Tracking,
): boolean {
  const deletion = deletions.get(`${type} ${key}`)
  const texts = deletion ? suspects(deletion, steps, tracking).flatMap((number) => sendsOf(steps[number] as Step)) : []
  return texts.some(({ text }) => /\bwith\b.*\bdelete\b.*\breturning\b/is.test(text))
}

/** Warnings for which the docs name no reason. */
function needless(steps: readonly Step[], { warnings }: Tracking): string[] {
  return warnings.flatMap((given, number) => {
    const step = steps[number] as Step
    return given
      .filter(({ code, message }) => !untrackedBy(step).some((form) => form.code === code) && !mayWarnAnyway(message))
      .map(({ code, message }) => `needless: ${code} in step ${number}: ${message}`)
  })
}

/** Rows of the table were deleted before, in this step or another one. */
const mayBeOld = /these may be some of them again/

/** Warnings that do not depend on the statement alone: on the role, on earlier deletions, or on invalid SQL. */
function mayWarnAnyway(message: string): boolean {
  return mayBeOld.test(message) || /row-level security|role may not read|could not be parsed/.test(message)
}

function open({ sink, warnings }: Tracking): string[] {
  const warned = new Set(warnings.flatMap((given, number) => (given.length > 0 ? [`step ${number}`] : [])))
  return sink.intents
    .filter(({ outcome, scope }) => outcome === 'open' && !warned.has(scope))
    .map(({ via, scope }) => `open: the intent of ${via} in ${scope} has no outcome`)
}

function untrackedBy(step: Step): readonly Untracked[] {
  return sendsOf(step).flatMap(({ untracked }) => untracked)
}

/** The partitioned table of a partition, as a row may be recorded under either name. */
function root(type: string): string {
  return type.replace(/^split_(?:eu|rest)$/, 'split')
}

function keyText(parts: readonly Json[]): string {
  return JSON.stringify(parts.map((part) => String(part).trimEnd()))
}
