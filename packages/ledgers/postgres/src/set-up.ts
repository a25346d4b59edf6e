/** Creates the tables at the first use; a lock lets one of several processes do it. */
import { DustpanError } from '@dustpan/core/driver'
import type pg from 'pg'
import { tables, version } from './tables.ts'

/** Returns the ledger's identity. @throws DustpanError `DUSTPAN_LEDGER_NOT_READY`; errors of pg */
export async function setUp(pool: pg.Pool, schema: string): Promise<string> {
  const ledger = (await readLedger(pool, schema)) ?? (await createLocked(pool, schema))
  if (ledger.version === version) return ledger.identity
  throw new DustpanError(
    'DUSTPAN_LEDGER_NOT_READY',
    `The tables in the schema ${schema} are of version ${ledger.version}, and this package knows version ${version}.`,
    {
      hint: 'All machines that share a ledger need the same version of @dustpan/postgres-ledger; or give another `schema`.',
    },
  )
}

interface LedgerRow {
  readonly identity: string
  readonly version: number
}

/** Undefined when there are no tables yet. */
async function readLedger(client: pg.Pool | pg.PoolClient, schema: string): Promise<LedgerRow | undefined> {
  const { rows } = await client.query<{ table: string | null }>('SELECT to_regclass($1) AS table', [`${schema}.ledger`])
  if (rows[0]?.table == null) return undefined
  return (await client.query<LedgerRow>(`SELECT identity, version FROM ${schema}.ledger`)).rows[0]
}

async function createLocked(pool: pg.Pool, schema: string): Promise<LedgerRow> {
  const client = await pool.connect()
  try {
    await client.query('BEGIN')
    await client.query(`SELECT pg_advisory_xact_lock(hashtext('dustpan'), hashtext($1))`, [schema])
    const ledger = (await readLedger(client, schema)) ?? (await createTables(client, schema))
    await client.query('COMMIT')
    return ledger
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {})
    throw (error as { code?: string }).code === '42501' ? mayNotCreate(schema, error) : error
  } finally {
    client.release()
  }
}

async function createTables(client: pg.PoolClient, schema: string): Promise<LedgerRow> {
  const { rows } = await client.query('SELECT FROM pg_namespace WHERE nspname = $1', [schema])
  // CREATE SCHEMA IF NOT EXISTS needs the right to create one even when the schema exists.
  if (rows.length === 0) await client.query(`CREATE SCHEMA ${schema}`)
  await client.query(tables(schema))
  return (await readLedger(client, schema)) as LedgerRow
}

function mayNotCreate(schema: string, cause: unknown): DustpanError {
  return new DustpanError(
    'DUSTPAN_LEDGER_NOT_READY',
    `The shared ledger has no tables yet in the schema ${schema}, and its role may not make them.`,
    {
      hint: `Somebody who may runs: CREATE SCHEMA IF NOT EXISTS ${schema}; GRANT USAGE, CREATE ON SCHEMA ${schema} TO <the role>;`,
      cause,
    },
  )
}
