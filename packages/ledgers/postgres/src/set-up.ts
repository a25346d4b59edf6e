/** Makes the tables at the first use; of several who do so at once, one does it. */
import { DustpanError } from '@dustpan/core/driver'
import type pg from 'pg'
import { tables, version } from './tables.ts'

/** Gives the ledger's identity. @throws DustpanError `DUSTPAN_LEDGER_NOT_READY`; what pg throws */
export async function setUp(pool: pg.Pool, schema: string): Promise<string> {
  const known = (await identityIn(pool, schema)) ?? (await make(pool, schema))
  if (known.version === version) return known.identity
  throw new DustpanError(
    'DUSTPAN_LEDGER_NOT_READY',
    `The tables in the schema ${schema} are of version ${known.version}, and this package knows version ${version}.`,
    {
      hint: 'All machines that share a ledger need the same version of @dustpan/postgres-ledger; or give another `schema`.',
    },
  )
}

interface Known {
  readonly identity: string
  readonly version: number
}

/** Undefined: there are no tables. */
async function identityIn(client: pg.Pool | pg.PoolClient, schema: string): Promise<Known | undefined> {
  const { rows } = await client.query<{ table: string | null }>('SELECT to_regclass($1) AS table', [`${schema}.ledger`])
  if (rows[0]?.table == null) return undefined
  return (await client.query<Known>(`SELECT identity, version FROM ${schema}.ledger`)).rows[0]
}

async function make(pool: pg.Pool, schema: string): Promise<Known> {
  const client = await pool.connect()
  try {
    await client.query('BEGIN')
    await client.query(`SELECT pg_advisory_xact_lock(hashtext('dustpan'), hashtext($1))`, [schema])
    const made = (await identityIn(client, schema)) ?? (await makeTables(client, schema))
    await client.query('COMMIT')
    return made
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {})
    throw (error as { code?: string }).code === '42501' ? mayNot(schema, error) : error
  } finally {
    client.release()
  }
}

async function makeTables(client: pg.PoolClient, schema: string): Promise<Known> {
  const { rows } = await client.query('SELECT FROM pg_namespace WHERE nspname = $1', [schema])
  // Also where it is there, this takes the right to make one.
  if (rows.length === 0) await client.query(`CREATE SCHEMA ${schema}`)
  await client.query(tables(schema))
  return (await identityIn(client, schema)) as Known
}

function mayNot(schema: string, cause: unknown): DustpanError {
  return new DustpanError(
    'DUSTPAN_LEDGER_NOT_READY',
    `The shared ledger has no tables yet in the schema ${schema}, and its role may not make them.`,
    {
      hint: `Somebody who may runs: CREATE SCHEMA IF NOT EXISTS ${schema}; GRANT USAGE, CREATE ON SCHEMA ${schema} TO <the role>;`,
      cause,
    },
  )
}
