/** Selects the log lines of a collection. */
import type { Json } from '@dustpan/core/driver'
import type { Sql } from '../removal/exchange.ts'
import { relationsSql } from './logged-tables.ts'

export interface LogLine {
  readonly id: number
  /** Empty when the application named none. */
  readonly run: string
  readonly scope: string
  /** The id of its transaction. */
  readonly tx?: number
  readonly op: 'i' | 'u' | 'd'
  readonly rel: number
  /** The file of the table at that time: it changes when the table is emptied. */
  readonly node: number | null
  /** Whether the table still has that file. */
  readonly hasSameFile: boolean
  /** The key columns by the names that they had then. */
  readonly keyOf?: readonly string[]
  /** The key values as text; null when the row could not be logged. */
  readonly key: readonly (string | null)[] | null
  /** The key after an update that changed it. */
  readonly keyNow: readonly (string | null)[] | null
  readonly trouble: string | null
  /** Collected before, and kept because of what others wrote to the same rows. */
  readonly settled: boolean
  /** It is to be collected; other lines only concern the same keys. */
  readonly mine: boolean
}

export interface LineFilter {
  readonly run: string
  readonly writer: string | undefined
  readonly scopes: readonly string[] | undefined
  /** By the server's clock. When undefined, lines without a scope are not collected. */
  readonly unnamed: { readonly from: number; readonly to: number; readonly runs: readonly string[] } | undefined
  /** By the server's clock: later lines that name the run do not belong to it. When undefined, all do. */
  readonly until?: number | undefined
}

/** How long the last sign of life of a writer counts when its end was not recorded. */
export const silence = `interval '10 minutes'`

/**
 * The lines, and the tables that they concern. Lines without a name are not taken if another writer was active in the
 * database at that time; the main process of a run takes lines that its own workers may have caused.
 */
export function linesSql(filter: LineFilter): readonly [lines: Sql, tables: Sql] {
  const { run, writer, scopes, unnamed, until } = filter
  const { from = 0, to = 0, runs = [] } = unnamed ?? {}
  const values = [run, scopes ?? [], runs, String(from / 1000), String(to / 1000), writer ?? null, secondsOf(until)]
  const kind = `${scopes === undefined ? 'run' : 'scopes'}-${writer === undefined ? 'main' : 'worker'}`
  const mine = mineSql(filter)
  return [
    { name: `dustpan-lines-${kind}`, text: textOfLines(mine), values },
    { name: `dustpan-tables-${kind}`, text: relationsSql(`SELECT DISTINCT rel FROM (${mine}) m`), values },
  ]
}

const secondsOf = (ms: number | undefined): string | null => (ms === undefined ? null : String(ms / 1000))
const lastOwn = (parameter: string): string => `coalesce(to_timestamp(${parameter}::float8), 'infinity')`

function mineSql({ scopes, writer }: LineFilter): string {
  const named = scopes === undefined ? 'l.run = $1' : 'l.run = $1 AND l.scope = ANY ($2::text[])'
  const isOther = writer === undefined ? 'w.run <> $1' : `(w.run <> $1 OR w.writer NOT IN ($6::text, ''))`
  return `SELECT * FROM dustpan.log l WHERE NOT settled AND cardinality($2::text[]) >= 0 AND $6::text IS NOT DISTINCT FROM $6 AND (${named}
      AND l.at <= ${lastOwn('$7')}
    OR l.run = ANY ($3::text[]) AND l.scope = '' AND l.at BETWEEN to_timestamp($4::float8) AND to_timestamp($5::float8)
      AND NOT EXISTS (SELECT FROM dustpan.writer w WHERE ${isOther} AND w.began <= l.at AND coalesce(w.ended, w.seen + ${silence}) >= l.at))`
}

function textOfLines(mine: string): string {
  return `WITH mine AS MATERIALIZED (${mine}),
    keys AS MATERIALIZED (SELECT key FROM mine WHERE key IS NOT NULL UNION SELECT key_now FROM mine WHERE key_now IS NOT NULL)
    SELECT json_build_array(id, run, scope, tx, op, rel::int8, node::int8, node IS NOT DISTINCT FROM pg_relation_filenode(rel), key_of, key, key_now, trouble, settled, is_mine)
    FROM (SELECT true AS is_mine, * FROM mine
      UNION ALL SELECT false, * FROM dustpan.log f WHERE f.key IN (SELECT key FROM keys) AND NOT EXISTS (SELECT FROM mine m WHERE m.id = f.id)) lines
    ORDER BY id`
}

type Row = readonly [
  ...[
    id: number,
    run: string,
    scope: string,
    tx: number,
    op: LogLine['op'],
    rel: number,
    node: number | null,
    hasSameFile: boolean,
  ],
  ...[keyOf: readonly string[], key: Json, keyNow: Json, trouble: string | null, settled: boolean, mine: boolean],
]

export function lineOf(text: string): LogLine {
  const [id, run, scope, tx, op, rel, node, hasSameFile, keyOf, key, keyNow, trouble, settled, mine] = JSON.parse(
    text,
  ) as Row
  return {
    ...{ id, run, scope, tx, op, rel, node, hasSameFile, keyOf, trouble, settled, mine },
    key: key as LogLine['key'],
    keyNow: keyNow as LogLine['keyNow'],
  }
}

/** Deletes lines and returns their ids. Lines that another collector has locked are skipped. */
export function strikeSql(lines: readonly LogLine[]): Sql {
  const text = `DELETE FROM dustpan.log WHERE (run, scope, id) IN (${heldSql}) RETURNING id::text`
  return { name: 'dustpan-strike', text, values: valuesOf(lines) }
}

/** Marks lines as settled instead, for lines that have to stay. */
export function settleSql(lines: readonly LogLine[]): Sql {
  const text = `UPDATE dustpan.log SET settled = true, was = NULL, now = NULL WHERE (run, scope, id) IN (${heldSql}) RETURNING id::text`
  return { name: 'dustpan-settle', text, values: valuesOf(lines) }
}

/**
 * Settles lines that stay with the previous values of their rows until these are restored. It waits for locks where
 * `strikeSql` skips them: the first and the last line of a row are taken together or not at all.
 */
export function holdSql(lines: readonly LogLine[]): Sql {
  const text = `UPDATE dustpan.log SET settled = true WHERE (run, scope, id) IN (SELECT run, scope, id FROM dustpan.log
    WHERE (run, scope, id) IN (SELECT * FROM unnest($1::text[], $2::text[], $3::int8[])) AND NOT settled ORDER BY id FOR UPDATE) RETURNING id::text`
  return { name: 'dustpan-hold', text, values: valuesOf(lines) }
}

const heldSql = `SELECT run, scope, id FROM dustpan.log
  WHERE (run, scope, id) IN (SELECT * FROM unnest($1::text[], $2::text[], $3::int8[])) AND NOT settled FOR UPDATE SKIP LOCKED`

const valuesOf = (lines: readonly LogLine[]): Sql['values'] => [
  lines.map(({ run }) => run),
  lines.map(({ scope }) => scope),
  lines.map(({ id }) => String(id)),
]
