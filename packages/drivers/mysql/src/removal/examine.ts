/** Reports the server's properties, and problems that prevent removals. */
import { clock, type StoreCondition, type StoreFinding } from '@dustpan/core/driver'
import type { OwnClient } from './own-client.ts'

export async function examine(client: OwnClient, signal: AbortSignal): Promise<StoreCondition> {
  const before = clock.now()
  const [[now, user] = []] = await client.rows('SELECT UNIX_TIMESTAMP(NOW(6)) * 1000, CURRENT_USER()', signal)
  const localTime = (before + clock.now()) / 2
  const grants = (await client.rows('SHOW GRANTS', signal)).map(([grant]) => grant ?? '')
  return {
    store: client.answering,
    product: client.session.product,
    aheadMs: Math.round(Number(now) - localTime),
    findings: mayProcess(grants) ? [] : [noProcess(user ?? '')],
  }
}

/** PROCESS lets the driver see InnoDB's own list of foreign keys, including those of tables that the user may not read. */
const mayProcess = (grants: readonly string[]): boolean =>
  grants.some((grant) => /^GRANT [^`']*\b(?:ALL PRIVILEGES|PROCESS)\b[^`']* ON \*\.\* TO /.test(grant))

const noProcess = (user: string): StoreFinding => ({
  state: 'warning',
  message: `${user} has not the privilege PROCESS: where others' tables may refer to rows by ON DELETE, those rows are left`,
  fix: `GRANT PROCESS ON *.* TO ${user
    .split('@')
    .map((part) => `'${part}'`)
    .join('@')}`,
})
