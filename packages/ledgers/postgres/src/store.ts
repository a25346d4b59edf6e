/** The server and the ledger's tables. The first query loads pg and creates the tables. */
import type pg from 'pg'
import { ledgerError } from './ledger-error.ts'
import { setUp } from './set-up.ts'

export interface Store {
  identity(): Promise<string>
  /** @throws DustpanError `DUSTPAN_LEDGER_AWAY`, `DUSTPAN_LEDGER_NOT_READY` */
  query<Row extends pg.QueryResultRow>(sql: string, values?: readonly unknown[]): Promise<readonly Row[]>
  end(): Promise<void>
}

export function openStore(url: string, schema: string): Store {
  let pool: Promise<pg.Pool> | undefined
  let identity: Promise<string> | undefined
  const connect = () => {
    pool ??= openPool(url)
    return pool
  }
  const ready = async () => {
    identity ??= connect().then((opened) => setUp(opened, schema))
    return identity
  }
  const attempt = async <Answer>(action: () => Promise<Answer>): Promise<Answer> => {
    try {
      return await action()
    } catch (error) {
      // The tables may be gone: the next query creates them again.
      identity = undefined
      throw ledgerError(error)
    }
  }
  return {
    // Always read from the server, which may have been replaced.
    identity: () =>
      attempt(async () => {
        identity = undefined
        return ready()
      }),
    query: (sql, values = []) =>
      attempt(async () => {
        await ready()
        return (await (await connect()).query(sql, [...values])).rows
      }),
    end: async () => (await pool)?.end(),
  }
}

/** The pool does not keep the process alive. */
async function openPool(url: string): Promise<pg.Pool> {
  const { Pool } = (await import('pg')).default
  const pool = new Pool({
    connectionString: url,
    application_name: 'dustpan ledger',
    max: 2,
    connectionTimeoutMillis: 5_000,
    query_timeout: 30_000,
    idleTimeoutMillis: 1_000,
    allowExitOnIdle: true,
    keepAlive: true,
  })
  // The pool replaces an idle connection that breaks.
  pool.on('error', () => {})
  return pool
}
