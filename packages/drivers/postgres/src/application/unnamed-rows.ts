/** Finds logged rows without a name that no collection has taken. */

import { isOfTable } from '../removal/look-apart.ts'
import type { OwnClient } from '../removal/own-client.ts'
import { type LoggedRelation, relationsOf } from './logged-tables.ts'
import { lookSql } from './present-rows.ts'
import { isWhole } from './uncertain-rows.ts'

export interface UnnamedRow {
  readonly key: readonly (string | null)[]
  /** An ISO date. */
  readonly at: string
}

export interface UnnamedRows {
  readonly relation: LoggedRelation
  readonly rows: readonly UnnamedRow[]
}

const maxLines = 10_000

type Line = readonly [rel: number, key: UnnamedRow['key'], at: string]

/**
 * Checks the log and the tables, because Dustpan's own removals are not logged. For a table that cannot be read, returns all
 * rows.
 *
 * @param from and `to`: when they were written, in milliseconds since the epoch
 */
export async function unnamedRows(
  client: OwnClient,
  { from, to }: { readonly from?: number; readonly to?: number },
  signal: AbortSignal,
): Promise<readonly UnnamedRows[]> {
  const lines = await unnamedLines(client, from, to, signal)
  const relations = await relationsOf(client, [...new Set(lines.map(([rel]) => rel))], signal)
  const found: UnnamedRows[] = []
  for (const [oid, tableLines] of Map.groupBy(lines, ([rel]) => relations.get(rel)?.oid)) {
    const relation = [...relations.values()].find((one) => one.oid === oid)
    if (!relation) continue
    const rows = tableLines.map(([, key, at]) => ({ key, at })).filter(({ key }) => isWhole(key, relation))
    found.push({ relation, rows: await existingRows(client, { relation, rows }, signal) })
  }
  return found
}

async function unnamedLines(
  client: OwnClient,
  from: number | undefined,
  to: number | undefined,
  signal: AbortSignal,
): Promise<readonly Line[]> {
  const rows = await client.rows(
    `SELECT json_build_array(l.rel::int8, l.key, l.at) FROM dustpan.log l WHERE l.run = '' AND l.scope = '' AND NOT l.settled AND l.op = 'i' AND l.key IS NOT NULL
      AND l.at BETWEEN coalesce(to_timestamp($1::float8), '-infinity') AND coalesce(to_timestamp($2::float8), 'infinity')
      AND NOT EXISTS (SELECT FROM dustpan.log d WHERE d.key = l.key AND d.rel = l.rel AND d.op = 'd' AND d.id > l.id)
      ORDER BY l.id LIMIT ${maxLines}`,
    [from, to].map((at) => (at === undefined ? null : String(at / 1000))),
    signal,
  )
  return rows.map(([text]) => JSON.parse(text ?? 'null') as Line)
}

async function existingRows(
  client: OwnClient,
  { relation, rows }: UnnamedRows,
  signal: AbortSignal,
): Promise<readonly UnnamedRow[]> {
  if (rows.length === 0) return rows
  try {
    const [seen] = await client.run([lookSql({ relation, rows })], signal)
    const numbers = new Set(seen?.rows.map(([text]) => (JSON.parse(text ?? 'null') as [number])[0]))
    return rows.filter((_, index) => numbers.has(index + 1))
  } catch (error) {
    if (!isOfTable(error)) throw error
    return rows
  }
}
