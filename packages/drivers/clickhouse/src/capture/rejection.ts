/** What an insert that failed may have left in its table. */
import type { Table } from '../sql/table.ts'

/** The code that the server gave. */
export function serverCode(error: unknown): number | undefined {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown }
  if (/^\d+$/.test(String(code))) return Number(code)
  const told = /\bCode: (\d+)/.exec(String(message))?.[1]
  return told === undefined ? undefined : Number(told)
}

/** So many rows are written as one block, or none is. */
const oneBlock = 65_000

/**
 * Errors that a server may tell of rows that it has: time that ran out, connections between servers, replicas and their keeper, cancelled
 * queries, disks, and what it has no name for.
 */
const inDoubt = new Set([
  ...[3, 74, 75, 76, 101, 159, 160, 173, 198, 209, 210, 225, 236, 242, 243, 254, 279, 285, 286, 289, 319, 394, 415],
  ...[439, 499, 574, 700, 722, 734, 735, 999, 1000, 1001, 1002],
])

/** The server said no, and nothing was done. */
export function isRefused(error: unknown): boolean {
  const code = serverCode(error)
  return code !== undefined && !inDoubt.has(code)
}

/** `late`: it may still come. Views are told of rows that are in the table already, and may refuse them. */
export function whatIsThere(error: unknown, rows: number, { views }: Table): 'nothing' | 'perhaps' | 'late' {
  const code = serverCode(error)
  if (code === undefined || inDoubt.has(code)) return 'late'
  return rows <= oneBlock && views.length === 0 ? 'nothing' : 'perhaps'
}
