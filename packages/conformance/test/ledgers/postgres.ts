import { createLedger, postgresLedger } from '@dustpan/postgres-ledger'
import type { LedgerSubject } from '../../src/ledgers/index.ts'
import { once } from '../../src/servers/index.ts'

export const postgres: LedgerSubject = {
  kind: 'postgres',
  createLedger,
  nowhere: postgresLedger({ url: 'postgres://me:pl4nted@127.0.0.1:1/x' }),
  async place(server) {
    const url = await server.database()
    return {
      config: postgresLedger({ url }),
      async age(minutes) {
        const earlier = `- interval '${minutes} min'`
        await once(
          url,
          `UPDATE dustpan.runs SET heard = heard ${earlier}; UPDATE dustpan.leases SET until = until ${earlier}`,
        )
      },
      empty: async () => void (await once(url, 'DROP SCHEMA dustpan CASCADE')),
      async jobsToDo() {
        const states = "('created', 'retry', 'active')"
        const { rowCount } = await once(
          url,
          `SELECT FROM dustpan_jobs.job WHERE name = 'dustpan' AND state::text IN ${states}`,
        )
        return rowCount ?? 0
      },
      crons: async () => (await once(url, 'SELECT cron FROM dustpan_jobs.schedule')).rows.map(({ cron }) => cron),
    }
  },
}
