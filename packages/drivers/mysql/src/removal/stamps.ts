/** Determines whether a row was created after the recorded row that it refers to. */
import { clock, type Target } from '@dustpan/core/driver'
import { quoteName } from '../names.ts'
import type { Row } from '../session.ts'
import type { Table } from '../tables.ts'
import type { StoreClient } from './own-client.ts'

/** The default timestamps of the rows `c` and `t`, and whether the first is not in the future. */
export const stampsSql = (child: Table, parent: Table): string => {
  const at = (row: string, { stamp }: Table) => (stamp === null ? 'NULL' : `UNIX_TIMESTAMP(${row}.${quoteName(stamp)})`)
  const isPast = child.stamp === null ? '0' : `c.${quoteName(child.stamp)} <= NOW(6)`
  return `${at('c', child)}, ${at('t', parent)}, ${isPast}`
}

/** Converts a time of this machine's clock to the server's clock, in seconds. Errs towards later times. */
export async function serverClock(client: StoreClient, signal: AbortSignal): Promise<(at: number) => number> {
  const before = clock.now()
  const [[now] = []] = await client.rows('SELECT UNIX_TIMESTAMP(NOW(6))', signal)
  return (at) => Number(now) + (at - before) / 1000
}

/**
 * Compares with the time at which the parent was recorded: anybody may write the parent's own column. A time without a zone
 * depends on the session's zone, so it counts only if the parent's time agrees with the record.
 */
export function isAfter(
  child: Table,
  { createdAt }: Pick<Target, 'createdAt'>,
  [childAt, parentAt, isPast]: Row,
  clockAt: (at: number) => number,
): boolean {
  if (childAt == null || isPast !== '1' || createdAt <= 0) return false
  const recorded = clockAt(createdAt)
  const hasZone = child.columns.get(child.stamp ?? '')?.type === 'timestamp'
  const agrees = parentAt != null && Math.abs(Number(parentAt) - recorded) < toleranceSeconds
  return Number(childAt) > recorded && (hasZone || agrees)
}

/** In seconds. */
const toleranceSeconds = 5
