/** The server with its tables, which are made at the first question. pg is loaded then. */
import type pg from 'pg'
import { setUp } from './set-up.ts'
import { told } from './told.ts'

export interface Store {
  identity(): Promise<string>
  /** @throws DustpanError `DUSTPAN_LEDGER_AWAY`, `DUSTPAN_LEDGER_NOT_READY` */
  ask<Row extends pg.QueryResultRow>(sql: string, values?: readonly unknown[]): Promise<readonly Row[]>
  end(): Promise<void>
}

export function openStore(url: string, schema: string): Store {
  let pool: Promise<pg.Pool> | undefined
  let known: Promise<string> | undefined
  const connect = () => {
    pool ??= openPool(url)
    return pool
  }
  const ready = async () => {
    known ??= connect().then((opened) => setUp(opened, schema))
    return known
  }
  const attempt = async <Answer>(ask: () => Promise<Answer>): Promise<Answer> => {
    try {
      return await ask()
    } catch (error) {
      // The tables may be gone: the next question makes them anew.
      known = undefined
      throw told(error)
    }
  }
  return {
    // Each time anew: it may be another one meanwhile.
    identity: () =>
      attempt(async () => {
        known = undefined
        return ready()
      }),
    ask: (sql, values = []) =>
      attempt(async () => {
        await ready()
        return (await (await connect()).query(sql, [...values])).rows
      }),
    end: async () => (await pool)?.end(),
  }
}

/** It keeps no process from ending. */
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
  // A connection that breaks while nobody uses it is replaced.
  pool.on('error', () => {})
  return pool
}
