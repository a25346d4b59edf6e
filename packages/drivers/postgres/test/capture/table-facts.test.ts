import { RecordingSink } from '@dustpan/conformance/capture'
import { testServer } from '@dustpan/conformance/servers/test-server'
import pg from 'pg'
import { expect, test } from 'vitest'
import { pgInstrument } from '../../src/capture/instrument.ts'

const server = await testServer()

const anyCase = `CREATE COLLATION any_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false)`
/** A type other than text, as citext is. */
const wordType = `CREATE DOMAIN word AS text`

test.each([
  {
    title: 'it is invalid because of duplicates',
    sql: `CREATE TABLE t (k text NOT NULL); INSERT INTO t VALUES ('b'), ('b')`,
    index: 'CREATE UNIQUE INDEX CONCURRENTLY ON t (k)',
  },
  {
    title: 'its operator class has another equality',
    sql: `CREATE EXTENSION citext; CREATE TABLE t (k citext NOT NULL)`,
    index: 'CREATE UNIQUE INDEX ON t (k text_ops)',
  },
  {
    title: 'it has another collation than its column',
    sql: `${anyCase}; CREATE TABLE t (k text COLLATE any_case NOT NULL)`,
    index: 'CREATE UNIQUE INDEX ON t (k COLLATE "C")',
  },
])('a unique index is not used as a key, with DUSTPAN_NO_PRIMARY_KEY: $title', async ({ sql, index }) => {
  const { keys, codes } = await insertInto(sql, index)
  expect(keys).toEqual({})
  expect(codes).toEqual(['DUSTPAN_NO_PRIMARY_KEY'])
})

test.each([
  {
    title: 'its operator class is for LIKE',
    sql: 'CREATE TABLE t (k varchar NOT NULL)',
    index: 'CREATE UNIQUE INDEX ON t (k varchar_pattern_ops)',
  },
  {
    title: 'its column has a domain as type',
    sql: `${wordType}; CREATE TABLE t (k word NOT NULL)`,
    index: 'CREATE UNIQUE INDEX ON t (k)',
  },
  {
    title: 'its column has an enum as type',
    sql: `CREATE TYPE mood AS ENUM ('a'); CREATE TABLE t (k mood NOT NULL)`,
    index: 'CREATE UNIQUE INDEX ON t (k DESC)',
  },
  {
    title: 'it has another collation that is equally strict',
    sql: 'CREATE TABLE t (k text NOT NULL)',
    index: 'CREATE UNIQUE INDEX ON t (k COLLATE "C")',
  },
])('a unique index is used as a key: $title', async ({ sql, index }) => {
  expect(await insertInto(sql, index)).toEqual({ keys: { t: ['a'] }, codes: [] })
})

async function insertInto(sql: string, index: string) {
  const client = new pg.Client(await server.database(sql))
  await client.connect()
  // Fails in the first case and leaves an invalid index.
  await client.query(index).catch(() => {})
  const sink = new RecordingSink('test')
  const installed = pgInstrument({ serves: () => true, ignoreTables: [] }).install(pg, sink)
  await client.query(`INSERT INTO t VALUES ('a')`)
  installed[Symbol.dispose]()
  await client.end()
  return { keys: sink.keys(), codes: sink.warnings.map(({ code }) => code) }
}
