/** Whether a row came after the one that it refers to, which a record knows. */
import { clock, type Target } from '@dustpan/core/driver'
import { quoteName } from '../names.ts'
import type { Row } from '../session.ts'
import type { Table } from '../tables.ts'
import type { StoreClient } from './own-client.ts'

/** The times that their defaults gave the rows `c` and `t`, and whether the first is not still to come. */
export const stampsSql = (child: Table, parent: Table): string => {
  const at = (row: string, { stamp }: Table) => (stamp === null ? 'NULL' : `UNIX_TIMESTAMP(${row}.${quoteName(stamp)})`)
  const isPast = child.stamp === null ? '0' : `c.${quoteName(child.stamp)} <= NOW(6)`
  return `${at('c', child)}, ${at('t', parent)}, ${isPast}`
}

/** The server's clock, in seconds, when this machine's shows a time. Rather later than it is. */
export async function serverClock(client: StoreClient, signal: AbortSignal): Promise<(at: number) => number> {
  const before = clock.now()
  const [[now] = []] = await client.rows('SELECT UNIX_TIMESTAMP(NOW(6))', signal)
  return (at) => Number(now) + (at - before) / 1000
}

/**
 * By the time at which the parent was recorded: anybody may write its own column. A time without a zone is what the session's zone makes of
 * it, so it counts only where the parent's agrees with the record.
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
  const agrees = parentAt != null && Math.abs(Number(parentAt) - recorded) < near
  return Number(childAt) > recorded && (hasZone || agrees)
}

/** In seconds. */
const near = 5
