/**
 * Runs mutations, which continue after the statement returns. They carry a name, so that this or another process can
 * find them again.
 */
import { clock, type RemovalContext } from '@dustpan/core/driver'
import { serverCode } from '../capture/rejection.ts'
import { quoteText } from '../sql/quote.ts'
import type { QueryOptions, Server } from '../sql/server.ts'
import { type Table, tableName } from '../sql/table.ts'

export type MutationEnd =
  | { readonly state: 'done' }
  /** The server does not list it: it never began, was forgotten, or the engine has no list. */
  | { readonly state: 'unknown' }
  | { readonly state: 'running'; readonly afterMs: number }
  | { readonly state: 'failing'; readonly id: string; readonly reason: string }

/** `assignments`: update rows instead of deleting them. `name` appears in the server's list of mutations. */
export async function beginMutation(
  server: Server,
  table: Table,
  { name, where, assignments }: { name: string; where: string; assignments: string | undefined },
  options: QueryOptions,
): Promise<void> {
  const certain = deletesNull(server) ? `ifNull(${where}, 0)` : where
  const named = `(${quoteText(name)} != '') AND (${certain})`
  if (assignments === undefined && hasLightweightDeletes(server, table)) {
    try {
      return await server.run(`DELETE FROM ${tableName(table)} WHERE ${named}`, options)
    } catch (error) {
      if (!unsupportedCodes.has(serverCode(error) ?? 0)) throw error
    }
  }
  const action = assignments === undefined ? 'DELETE' : `UPDATE ${assignments}`
  await server.run(`ALTER TABLE ${tableName(table)} ${action} WHERE ${named}`, options)
}

/** Whether the server also deletes rows for which the condition is NULL. */
const deletesNull = ({ version }: Server): boolean => version < 2100

/** Lightweight deletes are enabled by default since 23.3. */
function hasLightweightDeletes({ version }: Server, { engine }: Table): boolean {
  return version >= 2303 && engine.endsWith('MergeTree')
}

/** Not implemented, not supported, disabled, bad arguments; for example, for a table with projections. */
const unsupportedCodes = new Set([36, 48, 344, 497])

/** The wait between polls: a tenth of the time so far, within limits. */
const polling = { firstMs: 5, longestMs: 1000, part: 0.1 }

/** Waits for at most half of the remaining time, since other removals need some too. */
export async function followMutation(
  server: Server,
  table: Table,
  name: string,
  { signal, deadline }: Pick<RemovalContext, 'signal' | 'deadline'>,
): Promise<MutationEnd> {
  const start = clock.now()
  const end = start + (deadline - start) / 2
  for (;;) {
    const wait = Math.min(Math.max(polling.firstMs, (clock.now() - start) * polling.part), polling.longestMs)
    const found = await lookUp(server, table, name, { signal })
    if (found) return found
    if (clock.now() + wait >= end) return { state: 'running', afterMs: wait }
    await clock.sleep(wait, signal)
  }
}

interface MutationRow {
  readonly mutation_id: string
  readonly is_done: number
  readonly reason?: string
}

/** Undefined: still running. */
async function lookUp(
  server: Server,
  table: Table,
  name: string,
  options: QueryOptions,
): Promise<MutationEnd | undefined> {
  const reason = server.version < 1906 ? '' : ', latest_fail_reason AS reason'
  const of = `database = ${quoteText(table.database)} AND table = ${quoteText(table.name)}`
  const sql = `SELECT mutation_id, is_done${reason} FROM system.mutations WHERE ${of} AND position(command, ${quoteText(name)}) > 0`
  const [row] = await server.rows<MutationRow>(sql, options)
  if (!row) return { state: 'unknown' }
  if (Number(row.is_done) === 1) return { state: 'done' }
  return row.reason ? { state: 'failing', id: row.mutation_id, reason: row.reason } : undefined
}
