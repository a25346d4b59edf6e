/** Changed rows as they are recorded: by the log lines that hold their previous values, never by the values themselves. */
import type { CollectedSet, Json } from '@dustpan/core/driver'
import { type ChangedRow, changedSets } from '@dustpan/core/rows'
import { keyOf } from '../key-value.ts'
import { quoteIdentifier, quoteTable, typeOf } from '../names.ts'
import type { Sql } from '../removal/exchange.ts'
import type { RestoreArgs } from '../restore/change.ts'
import type { LogLine } from './log-lines.ts'
import type { LoggedRelation } from './logged-tables.ts'

export interface ChangedRows {
  readonly relation: LoggedRelation
  readonly changes: readonly ChangedRow<LogLine>[]
}

export const heldLines = (rows: readonly ChangedRows[]): ReadonlySet<LogLine> =>
  new Set(rows.flatMap(({ changes }) => changes.flatMap(({ first, last }) => [first, last])))

/** The keys of changed rows that exist: no test created these rows. */
export const presentKeys = ({ relation: { key }, changes }: ChangedRows): readonly Json[] =>
  changes.flatMap(({ last }) => (last.op === 'd' ? [] : [keyOf(key, last.keyNow ?? last.key ?? [])]))

export function changedSetsOf({ relation, changes }: ChangedRows): readonly CollectedSet[] {
  const { schema, table, key } = relation
  const columns = key.map(({ name }) => name)
  return changedSets(changes, {
    type: typeOf(relation),
    keyOf: (line) => keyOf(key, line.key ?? []),
    argsOf: ({ run, scope }, lines): Json => ({ schema, table, columns, run, scope, lines }) satisfies RestoreArgs,
  })
}

/**
 * For a row that was inserted again, the log holds only its key. The row is as its scope left it unless a later line
 * exists; both are checked in one statement.
 */
export function lookBackSql({ relation, changes }: ChangedRows): readonly Sql[] {
  const reinserted = changes.flatMap(({ last }) => (last.op === 'i' ? [last] : []))
  if (reinserted.length === 0) return []
  const { key, kind, oid } = relation
  const lists = key.map(({ type }, index) => `$${index + 4}::${type}[]`)
  const isRow = key.map(({ name }, index) => `t.${quoteIdentifier(name)} = k.k${index}`)
  const text = `UPDATE dustpan.log l SET now = to_jsonb(t)
    FROM unnest($1::text[], $2::text[], $3::int8[], ${lists.join(', ')}) k(run, scope, id, ${key.map((_, index) => `k${index}`).join(', ')}),
      ${kind === 'r' ? 'ONLY ' : ''}${quoteTable(relation)} t
    WHERE (l.run, l.scope, l.id) = (k.run, k.scope, k.id) AND ${isRow.join(' AND ')} AND NOT EXISTS (
      SELECT FROM dustpan.log o WHERE o.key = l.key AND o.id > l.id AND coalesce(pg_partition_root(o.rel), o.rel) = ${Number(oid)})`
  const values = [
    reinserted.map(({ run }) => run),
    reinserted.map(({ scope }) => scope),
    reinserted.map(({ id }) => String(id)),
    ...key.map((_, index) => reinserted.map((line) => line.key?.[index] ?? null)),
  ]
  return [{ text, values }]
}
