/** Deletes of this store go on after they were answered: they are named, so that they can be found again, by another process too. */
import { clock, type RemovalContext } from '@dustpan/core/driver'
import { serverCode } from '../capture/rejection.ts'
import { quoteText } from '../sql/quote.ts'
import type { How, Server } from '../sql/server.ts'
import { type Table, tableName } from '../sql/table.ts'

export type MutationEnd =
  | { readonly state: 'done' }
  /** The server does not know it: it never began, is forgotten, or the engine has no such list. */
  | { readonly state: 'unknown' }
  | { readonly state: 'running'; readonly afterMs: number }
  | { readonly state: 'failing'; readonly id: string; readonly reason: string }

/** `assignments`: rows are changed instead. `name` can be found in the server's list. */
export async function beginMutation(
  server: Server,
  table: Table,
  { name, where, assignments }: { name: string; where: string; assignments: string | undefined },
  how: How,
): Promise<void> {
  const certain = deletesNull(server) ? `ifNull(${where}, 0)` : where
  const named = `(${quoteText(name)} != '') AND (${certain})`
  if (assignments === undefined && hasLightDeletes(server, table)) {
    try {
      return await server.run(`DELETE FROM ${tableName(table)} WHERE ${named}`, how)
    } catch (error) {
      if (!cannotLightly.has(serverCode(error) ?? 0)) throw error
    }
  }
  const what = assignments === undefined ? 'DELETE' : `UPDATE ${assignments}`
  await server.run(`ALTER TABLE ${tableName(table)} ${what} WHERE ${named}`, how)
}

/** A row of which the condition is NULL, too. */
const deletesNull = ({ version }: Server): boolean => version < 2100

/** By default since 23.3. */
function hasLightDeletes({ version }: Server, { engine }: Table): boolean {
  return version >= 2303 && engine.endsWith('MergeTree')
}

/** Not implemented, not supported, switched off, bad arguments: a table with projections, say. */
const cannotLightly = new Set([36, 48, 344, 497])

/** A tenth of the time that it took so far. */
const waits = { firstMs: 5, longestMs: 1000, part: 0.1 }

/** Takes at most half of the time that is left, since other things wait for theirs. */
export async function followMutation(
  server: Server,
  table: Table,
  name: string,
  { signal, deadline }: Pick<RemovalContext, 'signal' | 'deadline'>,
): Promise<MutationEnd> {
  const start = clock.now()
  const end = start + (deadline - start) / 2
  for (;;) {
    const wait = Math.min(Math.max(waits.firstMs, (clock.now() - start) * waits.part), waits.longestMs)
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

/** Undefined: it goes on. */
async function lookUp(server: Server, table: Table, name: string, how: How): Promise<MutationEnd | undefined> {
  const reason = server.version < 1906 ? '' : ', latest_fail_reason AS reason'
  const of = `database = ${quoteText(table.database)} AND table = ${quoteText(table.name)}`
  const sql = `SELECT mutation_id, is_done${reason} FROM system.mutations WHERE ${of} AND position(command, ${quoteText(name)}) > 0`
  const [row] = await server.rows<MutationRow>(sql, how)
  if (!row) return { state: 'unknown' }
  if (Number(row.is_done) === 1) return { state: 'done' }
  return row.reason ? { state: 'failing', id: row.mutation_id, reason: row.reason } : undefined
}
