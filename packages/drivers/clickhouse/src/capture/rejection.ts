/** Tells which rows a failed insert may have written. */
import type { Table } from '../sql/table.ts'

/** The error code of the server. */
export function serverCode(error: unknown): number | undefined {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown }
  if (/^\d+$/.test(String(code))) return Number(code)
  const digits = /\bCode: (\d+)/.exec(String(message))?.[1]
  return digits === undefined ? undefined : Number(digits)
}

/** Up to this many rows form one block, which is written as a whole or not at all. */
const maxBlockRows = 65_000

/**
 * Errors that a server may return although it has the rows: timeouts, connections between servers, replicas and their
 * keeper, cancelled queries, disks, and unspecified errors.
 */
const uncertain = new Set([
  ...[3, 74, 75, 76, 101, 159, 160, 173, 198, 209, 210, 225, 236, 242, 243, 254, 279, 285, 286, 289, 319, 394, 415],
  ...[439, 499, 574, 700, 722, 734, 735, 999, 1000, 1001, 1002],
])

/** Whether the server refused the statement and did nothing. */
export function isRefused(error: unknown): boolean {
  const code = serverCode(error)
  return code !== undefined && !uncertain.has(code)
}

/** `late`: rows may still be written. Views process rows that are already in the table, and may fail. */
export function leftoverOf(error: unknown, rows: number, { views }: Table): 'nothing' | 'possible' | 'late' {
  const code = serverCode(error)
  if (code === undefined || uncertain.has(code)) return 'late'
  return rows <= maxBlockRows && views.length === 0 ? 'nothing' : 'possible'
}
