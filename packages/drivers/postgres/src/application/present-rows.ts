/** Finds which logged rows exist under their logged key. */
import type { CollectedSet, Json } from '@dustpan/core/driver'
import { isPlain, keyText } from '../key-text.ts'
import { keyOf } from '../key-value.ts'
import { quoteIdentifier, quoteTable, typeOf } from '../names.ts'
import { rowRemovalArgs } from '../removal/batches.ts'
import type { Answer, Sql } from '../removal/exchange.ts'
import type { LoggedRelation } from './logged-tables.ts'
import type { InsertedRow } from './net-rows.ts'

export interface LoggedRows {
  readonly relation: LoggedRelation
  readonly rows: readonly InsertedRow[]
}

interface RowsToFind {
  readonly relation: LoggedRelation
  readonly rows: readonly Pick<InsertedRow, 'key'>[]
}

/**
 * Whether the log writes keys in another form than the capture: then the table is queried, so that a row is known by one
 * key only.
 */
export function needsLook({ relation }: LoggedRows): boolean {
  return relation.key.some((column) => column.type !== 'date' && !isPlain(column))
}

export function lookSql({ relation, rows }: RowsToFind): Sql {
  const { key, kind } = relation
  const lists = key.map(({ type }, index) => `$${index + 1}::${type}[]`)
  const columns = key.map(({ name }) => `t.${quoteIdentifier(name)}`)
  const texts = key.map((column, index) => keyText(column, columns[index] ?? ''))
  const condition = columns.map((column, index) => `${column} = k.k${index}`).join(' AND ')
  return {
    text: `SELECT json_build_array(k.n, json_build_array(${texts.join(', ')}))
      FROM unnest(${lists.join(', ')}) WITH ORDINALITY k(${key.map((_, index) => `k${index}`).join(', ')}, n), ${kind === 'r' ? 'ONLY ' : ''}${quoteTable(relation)} t
      WHERE ${condition} ORDER BY k.n`,
    values: key.map((_, index) => rows.map((row) => row.key[index] ?? null)),
  }
}

/** The rows with their keys in the form of the capture; missing rows are left out. */
export function seenRows({ relation, rows }: LoggedRows, answer: Answer): LoggedRows {
  const seen = answer.rows.map(([text]) => {
    const [number, key] = JSON.parse(text ?? 'null') as [number, (string | null)[]]
    return { ...(rows[number - 1] as InsertedRow), key }
  })
  return { relation, rows: seen }
}

/** One set for each scope and incarnation. */
export function setsOf(
  { relation, rows }: LoggedRows,
  isKnown: (type: string, key: Json) => boolean,
): readonly CollectedSet[] {
  const type = typeOf(relation)
  const sets = new Map<string, { scope: string; incarnation: number | null; keys: Json[] }>()
  for (const { key: texts, line } of rows) {
    const key = keyOf(relation.key, texts)
    if (isKnown(type, key)) continue
    const name = `${line.scope}\n${line.node}`
    const set = sets.get(name) ?? { scope: line.scope, incarnation: line.node, keys: [] }
    sets.set(name, set)
    set.keys.push(key)
  }
  const steps = stepsFor(relation)
  return [...sets.values()].map(({ scope, incarnation, keys }) => ({
    ...(scope === '' ? {} : { scope }),
    ...{ type, keys, steps },
    proof: incarnation === null ? { strength: 'key-only' } : { incarnation, strength: 'incarnation' },
  }))
}

/** The same removal as for captured rows. */
function stepsFor(relation: LoggedRelation): CollectedSet['steps'] {
  return [{ driver: '$driver', op: 'delete-row', v: 1, args: rowRemovalArgs(relation) }]
}
