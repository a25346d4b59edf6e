/** The log lines that a collection reads. */
import type { ChangeLine } from '@dustpan/core/rows'
import type { Client, Row } from '../client.ts'

export interface LogLine extends ChangeLine {
  readonly id: number
  /** Empty: unattributed. */
  readonly run: string
  readonly scope: string
  /** `e`: an INSERT found an existing row with its key; an `i` line follows if it replaced the row. */
  readonly op: 'i' | 'u' | 'd' | 'e'
  /** The number of the table's triggers. */
  readonly table: number
  /** A JSON array. */
  readonly key: string
  /** The new key, after an update that changed it. */
  readonly keyNow: string | null
  /** Already collected, and kept because others wrote to the same rows. */
  readonly settled: boolean
  /** Part of this collection; other lines only touch the same keys. */
  readonly mine: boolean
}

export interface LineFilter {
  readonly run: string
  readonly writer: string | undefined
  readonly scopes: readonly string[] | undefined
  /** Undefined: unattributed lines are not requested. */
  readonly unattributed: { readonly from: number; readonly to: number; readonly runs: readonly string[] } | undefined
  /** Lines that name the run but were written later are not its own; undefined: all are. */
  readonly until?: number | undefined
}

/** A writer that has not announced its end counts as active for this long after its last heartbeat. */
export const silenceMs = 600_000

/**
 * Unattributed lines written while another writer was active in the file are not taken; a run's main process takes what its own
 * workers may have caused.
 */
const mineSql = `WITH asked AS (SELECT ? AS run, ? AS writer, ? AS scopes, ? AS runs, ? AS since, ? AS until, ? AS latest),
  mine AS MATERIALIZED (SELECT l.id, l.tbl, l.key, l.key_now FROM main.dustpan_log l, asked
    WHERE NOT l.settled AND (l.run = asked.run AND (asked.scopes IS NULL OR l.scope IN (SELECT value FROM json_each(asked.scopes)))
        AND l.at <= coalesce(asked.latest, l.at)
      OR l.scope = '' AND l.at BETWEEN asked.since AND asked.until AND l.run IN (SELECT value FROM json_each(asked.runs))
        AND NOT EXISTS (SELECT 1 FROM main.dustpan_writer w WHERE (w.run <> asked.run OR w.writer NOT IN (asked.writer, ''))
          AND w.began <= l.at AND coalesce(w.ended, w.seen + ${silenceMs}) >= l.at)))`

const columns = 'l.id, l.run, l.scope, l.op, l.tbl, l.key, l.key_now, l.settled'

const linesSql = `${mineSql}, keys AS MATERIALIZED (SELECT tbl, key FROM mine UNION SELECT tbl, key_now FROM mine WHERE key_now IS NOT NULL)
  SELECT ${columns}, l.id IN (SELECT id FROM mine) AS mine FROM main.dustpan_log l WHERE (l.tbl, l.key) IN (SELECT tbl, key FROM keys) ORDER BY l.id`

/** Whether a collection would find anything. Takes no write lock. */
export function hasLines(client: Client, filter: LineFilter): boolean {
  return client.all(`${mineSql} SELECT 1 FROM mine LIMIT 1`, ...valuesOf(filter)).length > 0
}

export function linesFor(client: Client, filter: LineFilter): readonly LogLine[] {
  return client.all(linesSql, ...valuesOf(filter)).map(lineOf)
}

export interface UnattributedLine extends LogLine {
  /** Milliseconds since the epoch. */
  readonly at: number
}

/** Unattributed lines that nobody has taken. */
export function unattributedLines(client: Client, from: number, to: number): readonly UnattributedLine[] {
  const sql = `SELECT ${columns}, l.at, 1 AS mine FROM main.dustpan_log l WHERE l.run = '' AND l.scope = '' AND NOT l.settled AND l.at BETWEEN ? AND ? ORDER BY l.id`
  return client.all(sql, from, to).map((row) => ({ ...lineOf(row), at: Number(row.at) }))
}

export function strike(client: Client, lines: readonly Pick<LogLine, 'id'>[]): void {
  client.run('DELETE FROM main.dustpan_log WHERE id IN (SELECT value FROM json_each(?))', idsOf(lines))
}

export function settle(client: Client, lines: readonly LogLine[]): void {
  const set = 'settled = 1, was = NULL, now = NULL'
  client.run(`UPDATE main.dustpan_log SET ${set} WHERE id IN (SELECT value FROM json_each(?))`, idsOf(lines))
}

/** Settled, with the old values kept: the rows are to be restored. */
export const held = 2

export function hold(client: Client, lines: readonly LogLine[]): void {
  client.run(`UPDATE main.dustpan_log SET settled = ${held} WHERE id IN (SELECT value FROM json_each(?))`, idsOf(lines))
}

const idsOf = (lines: readonly Pick<LogLine, 'id'>[]): string => JSON.stringify(lines.map(({ id }) => id))

function valuesOf({ run, writer, scopes, unattributed, until }: LineFilter) {
  const { from = 0, to = 0, runs = [] } = unattributed ?? {}
  return [
    run,
    writer ?? null,
    scopes === undefined ? null : JSON.stringify(scopes),
    JSON.stringify(runs),
    from,
    to,
    until ?? null,
  ]
}

function lineOf(row: Row): LogLine {
  return {
    id: Number(row.id),
    run: String(row.run),
    scope: String(row.scope),
    op: String(row.op) as LogLine['op'],
    table: Number(row.tbl),
    key: String(row.key),
    keyNow: row.key_now === null || row.key_now === undefined ? null : String(row.key_now),
    settled: row.settled !== 0,
    mine: row.mine === 1,
  }
}
