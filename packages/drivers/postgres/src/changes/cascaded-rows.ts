/**
 * Finds the recorded rows that a DELETE has removed by ON DELETE CASCADE, so that a row which others insert under such a key
 * afterwards is not taken for the test's.
 */
import type { Json, StoreSeen } from '@dustpan/core/driver'
import { arrayLiteral } from '../array-literal.ts'
import type { SessionCapture } from '../capture/session-capture.ts'
import type { FollowUp, Work } from '../capture/transactions.ts'
import type { RecordContext } from '../capture/written-rows.ts'
import { isFixed } from '../key-text.ts'
import { keyPart, quoteIdentifier, quoteTable, typeOf } from '../names.ts'
import type { TableFacts } from '../rewriting/table-facts.ts'
import { tableNamed } from '../sql/analyse-write.ts'
import type { TableReference } from '../sql/statement.ts'
import { recordedIn, tablesCascaded } from './recorded-tables.ts'

interface Asked {
  readonly facts: TableFacts
  readonly keys: readonly Json[]
}

/** Limit per table: beyond it, removal finds out which rows are gone. */
const maxRows = 10_000

/** The tables among those with the oids that have recorded rows: their facts are needed first. */
export function cascadedNames(store: StoreSeen, oids: Iterable<number>): readonly TableReference[] {
  return tablesCascaded(store, oids).map(({ schema, table }) => tableNamed(table, schema))
}

/** Asks which recorded rows of tables are still there. Undefined when none are recorded, or the session may not see them. */
export function cascadedRows(
  oids: Iterable<number>,
  capture: SessionCapture,
  context: RecordContext,
): FollowUp | undefined {
  const tables = tablesCascaded(context.store, oids).flatMap((recorded) => askedOf(recorded, capture, context) ?? [])
  if (tables.length === 0) return undefined
  const values: string[] = []
  const questions = tables.map((table) => presentSql(table, values))
  return {
    // An older snapshot does not show rows that others have committed since.
    sql: `SELECT CASE WHEN current_setting('transaction_isolation') = 'read committed' THEN json_build_array(${questions.join(', ')}) END`,
    values,
    steps: (answer) => (Array.isArray(answer) ? [goneRows(tables, answer, context)] : []),
  }
}

/** By the facts of this session: a question that the server refuses would abort the user's transaction. */
function askedOf(
  { oid, schema, table }: TableFacts,
  capture: SessionCapture,
  { sink, store }: RecordContext,
): Asked | undefined {
  const facts = capture.table(tableNamed(table, schema))
  if (facts?.oid !== oid || !isVisible(facts)) return undefined
  const keys = recordedIn(store, facts, (key) => sink.onRecord(store, typeOf(facts), key) !== undefined)
  return keys.length > 0 && keys.length <= maxRows ? { facts, keys } : undefined
}

/** Whether the session sees all rows of the table, and their keys in the form that they are recorded in. */
function isVisible({ kind, secured, key }: TableFacts): boolean {
  return (kind === 'r' || kind === 'p') && !secured && key.every((column) => column.readable && isFixed(column))
}

function presentSql({ facts, keys }: Asked, values: string[]): string {
  const arrays = facts.key.map(({ type }, index) => {
    values.push(arrayLiteral(keys.map((key) => String(keyPart(key, index)))))
    return `$${values.length}::${type}[]`
  })
  const names = facts.key.map((_, index) => `k${index}`)
  const matches = facts.key.map(({ name }, index) => `x.${quoteIdentifier(name)} = k.k${index}`)
  const ordered = `unnest(${arrays.join(', ')}) WITH ORDINALITY k(${names.join(', ')}, number)`
  return `(SELECT coalesce(json_agg(k.number), '[]') FROM ${ordered} JOIN ${quoteTable(facts)} x ON ${matches.join(' AND ')})`
}

/** `present`: by table, the positions of the keys that were found, from 1. */
function goneRows(
  tables: readonly Asked[],
  present: readonly (readonly number[])[],
  { sink, store }: RecordContext,
): Work {
  return {
    kind: 'work',
    record(tx) {
      for (const [index, { facts, keys }] of tables.entries()) {
        const found = new Set(present[index])
        const gone = keys.filter((_, position) => !found.has(position + 1))
        if (gone.length > 0) sink.removed(store, typeOf(facts), gone, tx)
      }
    },
    discard() {},
  }
}
