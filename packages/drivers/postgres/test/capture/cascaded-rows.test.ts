/** Rows of the test that its own DELETE removes by ON DELETE CASCADE: others may use their keys afterwards. */
import { randomUUID } from 'node:crypto'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { RemovedSink } from '@dustpan/conformance/capture'
import { once } from '@dustpan/conformance/servers'
import { testServer } from '@dustpan/conformance/servers/test-server'
import type { CaptureTransaction } from '@dustpan/core/driver'
import pg from 'pg'
import postgresJs from 'postgres'
import { expect, onTestFinished, test } from 'vitest'
import { pgInstrument } from '../../src/capture/instrument.ts'
import { postgresJsInstrument } from '../../src/capture/postgres-js/instrument.ts'
import { Transactions } from '../../src/capture/transactions.ts'
import { noteRecorded } from '../../src/changes/recorded-tables.ts'
import type { TableFacts } from '../../src/rewriting/table-facts.ts'

const schema = `
  CREATE TABLE tenants (id int PRIMARY KEY);
  CREATE TABLE domains (domain text PRIMARY KEY, tenant int REFERENCES tenants ON DELETE CASCADE);
  CREATE TABLE paths (domain text REFERENCES domains ON DELETE CASCADE, at date, PRIMARY KEY (domain, at));
`
const server = await testServer()

async function world() {
  const url = await server.database(schema)
  const sink = new RemovedSink('test')
  const rules = { serves: () => true, ignoreTables: [] }
  const installed = [pgInstrument(rules).install(pg, sink), postgresJsInstrument(rules).install(postgresJs, sink)]
  const clients = [new pg.Client(url), new pg.Client(url)] as const
  for (const client of clients) await client.connect()
  onTestFinished(async () => {
    for (const one of installed) one[Symbol.dispose]()
    for (const client of clients) await client.end()
  })
  return { url, sink, client: clients[0], other: clients[1] }
}

const tenant = [
  'INSERT INTO tenants VALUES (1), (2)',
  `INSERT INTO domains VALUES ('gone', 1), ('stays', 2)`,
  `INSERT INTO paths VALUES ('gone', '2026-01-01'), ('stays', '2026-01-01')`,
]
const remaining = { tenants: [2], domains: ['stays'], paths: [['stays', '2026-01-01']] }
const all = {
  tenants: [1, 2],
  domains: ['gone', 'stays'],
  paths: [
    ['gone', '2026-01-01'],
    ['stays', '2026-01-01'],
  ],
}

test('rows that a DELETE removes by a cascade are no longer tracked, and the others stay tracked', async () => {
  const { sink, client } = await world()
  for (const query of tenant) await client.query(query)
  await client.query('DELETE FROM tenants WHERE id = 1')
  expect(sink.keys()).toEqual(remaining)
})

test('rows inserted in a transaction are no longer tracked once a cascade removed them', async () => {
  const { sink, client } = await world()
  for (const query of ['BEGIN', ...tenant, 'COMMIT', 'DELETE FROM tenants WHERE id = 1']) await client.query(query)
  expect(sink.keys()).toEqual(remaining)
})

test('a cascade that is rolled back leaves its rows tracked', async () => {
  const { sink, client } = await world()
  for (const query of [...tenant, 'BEGIN', 'DELETE FROM tenants WHERE id = 1', 'ROLLBACK']) await client.query(query)
  expect(sink.keys()).toEqual(all)
})

test('rows that a DELETE cannot see stay tracked: of an open transaction, or inserted after its snapshot', async () => {
  const { url, sink, client, other } = await world()
  for (const query of [tenant[0] ?? '', 'BEGIN ISOLATION LEVEL REPEATABLE READ', 'SELECT 1 FROM tenants'])
    await client.query(query)
  await other.query(`INSERT INTO domains VALUES ('later', 2)`)
  await other.query('BEGIN')
  await other.query(`INSERT INTO domains VALUES ('open', 2)`)
  await client.query('DELETE FROM tenants WHERE id = 1')
  await client.query('COMMIT')
  const third = new pg.Client(url)
  await third.connect()
  await third.query('INSERT INTO tenants VALUES (3)')
  await third.query('DELETE FROM tenants WHERE id = 3')
  await third.end()
  await other.query('COMMIT')
  expect(sink.keys().domains).toEqual(['later', 'open'])
  expect((await once(url, 'SELECT domain FROM domains ORDER BY 1')).rows).toHaveLength(2)
})

test('rows that a DELETE of postgres.js removes by a cascade are no longer tracked', async () => {
  const { url, sink } = await world()
  const sql = postgresJs(url, { max: 1 })
  for (const query of tenant) await sql.unsafe(query)
  await sql`DELETE FROM tenants WHERE id = 1`
  await sql.end()
  expect(sink.keys()).toEqual(remaining)
})

/** A session of a role that may delete tenants, with the given privileges on domains. */
async function otherRole(url: string, privileges: string): Promise<pg.Client> {
  const role = `app_${randomUUID().replaceAll('-', '')}`
  await once(url, `CREATE ROLE ${role} LOGIN PASSWORD 'dustpan'; GRANT SELECT, INSERT, DELETE ON tenants TO ${role}`)
  await once(url, privileges.replaceAll('ROLE', role))
  const address = new URL(url)
  address.username = role
  address.password = 'dustpan'
  const client = new pg.Client(address.href)
  await client.connect()
  onTestFinished(async () => {
    await client.end()
    await once(url, `DROP OWNED BY ${role} CASCADE; DROP ROLE ${role}`)
  })
  return client
}

test.each([
  { may: 'may not read the other tables', privileges: 'SELECT 1', isSeen: false },
  {
    may: 'may not use their schema',
    privileges: `CREATE SCHEMA closed; ALTER TABLE domains SET SCHEMA closed; GRANT SELECT ON closed.domains TO ROLE`,
    isSeen: false,
  },
  {
    may: 'does not see all of their rows',
    privileges: 'GRANT SELECT ON domains TO ROLE; ALTER TABLE domains ENABLE ROW LEVEL SECURITY',
    isSeen: false,
  },
  { may: 'may read them', privileges: 'GRANT SELECT ON domains TO ROLE', isSeen: true },
])(
  'a DELETE of another role ends the records of cascaded rows only if it can read them: the role $may',
  async ({ privileges, isSeen }) => {
    const { url, sink, client } = await world()
    const app = await otherRole(url, privileges)
    const [domains] = (await client.query(`SELECT to_regclass('domains')`)).rows
    const path = domains?.to_regclass === null ? 'closed, public' : 'public'
    await client.query(`SET search_path = ${path}`)
    for (const query of tenant) await client.query(query)
    for (const query of ['BEGIN', 'DELETE FROM tenants WHERE id = 1', 'INSERT INTO tenants VALUES (3)', 'COMMIT'])
      await app.query(query)
    expect(Object.entries(sink.keys()).find(([type]) => type.endsWith('domains'))?.[1]).toEqual(
      isSeen ? ['stays'] : ['gone', 'stays'],
    )
  },
)

test('rows that a DELETE removes by a cascade after a schema change are no longer tracked', async () => {
  const { sink, client } = await world()
  for (const query of [...tenant, 'CREATE TABLE other (id int)', 'DELETE FROM tenants WHERE id = 1'])
    await client.query(query)
  expect(sink.keys()).toEqual(remaining)
})

test('rows that a prepared DELETE, or one of postgres.js, cascades to are no longer tracked', async () => {
  const { url, sink, client } = await world()
  const remove = (id: number) =>
    client.query({ name: 'remove', text: 'DELETE FROM tenants WHERE id = $1', values: [id] })
  await remove(0)
  for (const query of [...tenant, 'CREATE TABLE other (id int)']) await client.query(query)
  await remove(1)
  expect(sink.keys()).toEqual(remaining)
  const sql = postgresJs(url, { max: 1 })
  await sql`CREATE TABLE another (id int)`
  await sql`DELETE FROM tenants WHERE id = 2`
  await sql.end()
  expect(sink.keys()).toEqual({})
})

test('a transaction that was rolled back is not held in memory', async () => {
  const facts = { oid: 1, schema: 'public', table: 'domains', cascades: [], cascaded: true, keyedBy: [], pointers: [] }
  const store = { id: 'postgres://rolled-back' }
  const rolledBack = () => {
    const tx = { savepoint: () => 0, settle() {} } as unknown as CaptureTransaction
    const transactions = new Transactions(
      () => tx,
      () => '',
    )
    const record = () => noteRecorded(store, facts as unknown as TableFacts, ['key'], tx)
    transactions.replay([{ kind: 'begin' }, { kind: 'work', record, discard() {} }], false)
    transactions.replay([{ kind: 'rollback' }], false)
    return new WeakRef(tx)
  }
  const tx = rolledBack()
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  await new Promise(setImmediate)
  collect()
  expect(tx.deref()).toBeUndefined()
})
