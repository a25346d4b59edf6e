/** Rows that were changed, as they go on record: where in the log it stands what they were, never what they were. */
import type { CollectedSet, Json } from '@dustpan/core/driver'
import { keyOf } from '../key-value.ts'
import { quoteIdentifier, quoteTable, typeOf } from '../names.ts'
import type { Sql } from '../removal/exchange.ts'
import type { RestoreArgs } from '../restore/change.ts'
import type { ChangedRow } from './changed-rows.ts'
import type { LogLine } from './log-lines.ts'
import type { LoggedRelation } from './logged-tables.ts'

export interface ChangedRows {
  readonly relation: LoggedRelation
  readonly changes: readonly ChangedRow[]
}

export const heldLines = (rows: readonly ChangedRows[]): ReadonlySet<LogLine> =>
  new Set(rows.flatMap(({ changes }) => changes.flatMap(({ first, last }) => [first, last])))

interface OpenSet {
  readonly line: LogLine
  readonly keys: Json[]
  readonly lines: { [key: string]: readonly [first: number, last: number] }
}

/** One set for each scope; a row that it changed, somebody else, and it again, is in two. */
export function changedSets({ relation, changes }: ChangedRows): readonly CollectedSet[] {
  const sets = new Map<string, OpenSet>()
  for (const { first, last } of changes) {
    const key = keyOf(relation.key, first.key ?? [])
    const text = JSON.stringify(key)
    const { keys, lines } = setFor(sets, first, text)
    keys.push(key)
    lines[text] = [first.id, last.id]
  }
  return [...sets.values()].map((set) => collectedSet(relation, set))
}

function setFor(sets: Map<string, OpenSet>, line: LogLine, key: string): OpenSet {
  for (let turn = 0; ; turn++) {
    const name = JSON.stringify([line.run, line.scope, turn])
    const set = sets.get(name) ?? { line, keys: [], lines: {} }
    sets.set(name, set)
    if (!Object.hasOwn(set.lines, key)) return set
  }
}

function collectedSet(relation: LoggedRelation, { line: { run, scope }, keys, lines }: OpenSet): CollectedSet {
  const { schema, table } = relation
  const args: RestoreArgs = { schema, table, columns: relation.key.map(({ name }) => name), run, scope, lines }
  return {
    ...(scope === '' ? {} : { scope }),
    type: typeOf(relation),
    keys,
    steps: [{ driver: '$driver', op: 'restore-row', v: 1, args: { ...args } }],
    proof: { strength: 'exact' },
    changed: true,
  }
}

/**
 * Of a row that was inserted again the log has only the key. It is as its scope left it, unless the log has a later line of it: both are seen
 * at one and the same moment.
 */
export function lookBackSql({ relation, changes }: ChangedRows): readonly Sql[] {
  const again = changes.flatMap(({ last }) => (last.op === 'i' ? [last] : []))
  if (again.length === 0) return []
  const { key, kind, oid } = relation
  const lists = key.map(({ type }, index) => `$${index + 4}::${type}[]`)
  const isRow = key.map(({ name }, index) => `t.${quoteIdentifier(name)} = k.k${index}`)
  const text = `UPDATE dustpan.log l SET now = to_jsonb(t)
    FROM unnest($1::text[], $2::text[], $3::int8[], ${lists.join(', ')}) k(run, scope, id, ${key.map((_, index) => `k${index}`).join(', ')}),
      ${kind === 'r' ? 'ONLY ' : ''}${quoteTable(relation)} t
    WHERE (l.run, l.scope, l.id) = (k.run, k.scope, k.id) AND ${isRow.join(' AND ')} AND NOT EXISTS (
      SELECT FROM dustpan.log o WHERE o.key = l.key AND o.id > l.id AND coalesce(pg_partition_root(o.rel), o.rel) = ${Number(oid)})`
  const values = [
    again.map(({ run }) => run),
    again.map(({ scope }) => scope),
    again.map(({ id }) => String(id)),
    ...key.map((_, index) => again.map((line) => line.key?.[index] ?? null)),
  ]
  return [{ text, values }]
}
