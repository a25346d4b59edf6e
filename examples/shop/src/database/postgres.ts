import { readFileSync } from 'node:fs'
import type { TestContext } from '@dustpan/app-endpoints/context'
import pg from 'pg'
import type { Database, Queries } from './database.ts'
import { Violation, type ViolationKind } from './violation.ts'

const schema = new URL('schema.postgres.sql', import.meta.url)

/** https://www.postgresql.org/docs/current/errcodes-appendix.html */
const violations: Record<string, ViolationKind> = {
  23502: 'value', // not_null_violation
  23503: 'reference', // foreign_key_violation
  23505: 'unique', // unique_violation
  23514: 'value', // check_violation
}

export async function openPostgres(url: string, propagate: TestContext['propagateTo']): Promise<Database> {
  const pool = propagate(new pg.Pool({ connectionString: url }))
  pool.on('error', console.error) // a broken idle connection must not end the shop
  await pool.query(readFileSync(schema, 'utf8'))
  return {
    query: queries(pool).query,
    transaction: (work) => transaction(pool, work),
    close: () => close(pool),
  }
}

function queries(client: pg.Pool | pg.PoolClient): Queries {
  return {
    async query(sql, values = []) {
      try {
        return (await client.query(numbered(sql), [...values])).rows
      } catch (error) {
        const kind = violations[(error as { code?: string }).code ?? '']
        throw kind === undefined ? error : new Violation(kind, error)
      }
    },
  }
}

/** `?, ?` → `$1, $2` */
function numbered(sql: string): string {
  let count = 0
  return sql.replaceAll('?', () => `$${++count}`)
}

async function transaction<T>(pool: pg.Pool, work: (tx: Queries) => Promise<T>): Promise<T> {
  const client = await pool.connect()
  try {
    await client.query('BEGIN')
    const result = await work(queries(client))
    await client.query('COMMIT')
    return result
  } catch (error) {
    await client.query('ROLLBACK')
    throw error
  } finally {
    client.release()
  }
}

/** Waits until the connections are closed, which `pool.end()` does not. */
async function close(pool: pg.Pool): Promise<void> {
  let open = pool.totalCount
  const closed = new Promise<void>((resolve) => {
    if (open === 0) resolve()
    pool.on('remove', () => --open === 0 && resolve())
  })
  await pool.end()
  await closed
}
