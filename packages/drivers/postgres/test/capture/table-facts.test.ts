import { RecordingSink } from '@dustpan/conformance/capture'
import { testServer } from '@dustpan/conformance/servers/test-server'
import pg from 'pg'
import { expect, test } from 'vitest'
import { pgInstrument } from '../../src/capture/instrument.ts'

const server = await testServer()

const anyCase = `CREATE COLLATION any_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false)`
/** A type of its own, as citext is one. */
const wordType = `CREATE DOMAIN word AS text`

test.each([
  {
    title: 'one in which there are duplicates',
    sql: `CREATE TABLE t (k text NOT NULL); INSERT INTO t VALUES ('b'), ('b')`,
    index: 'CREATE UNIQUE INDEX CONCURRENTLY ON t (k)',
  },
  {
    title: 'one of other equality',
    sql: `CREATE EXTENSION citext; CREATE TABLE t (k citext NOT NULL)`,
    index: 'CREATE UNIQUE INDEX ON t (k text_ops)',
  },
  {
    title: 'one of another collation',
    sql: `${anyCase}; CREATE TABLE t (k text COLLATE any_case NOT NULL)`,
    index: 'CREATE UNIQUE INDEX ON t (k COLLATE "C")',
  },
])('A unique index is no key: $title', async ({ sql, index }) => {
  const { keys, codes } = await insertInto(sql, index)
  expect(keys).toEqual({})
  expect(codes).toEqual(['DUSTPAN_NO_PRIMARY_KEY'])
})

test.each([
  {
    title: 'for LIKE',
    sql: 'CREATE TABLE t (k varchar NOT NULL)',
    index: 'CREATE UNIQUE INDEX ON t (k varchar_pattern_ops)',
  },
  { title: 'of a domain', sql: `${wordType}; CREATE TABLE t (k word NOT NULL)`, index: 'CREATE UNIQUE INDEX ON t (k)' },
  {
    title: 'of an enum',
    sql: `CREATE TYPE mood AS ENUM ('a'); CREATE TABLE t (k mood NOT NULL)`,
    index: 'CREATE UNIQUE INDEX ON t (k DESC)',
  },
  {
    title: 'of a collation that is as exact',
    sql: 'CREATE TABLE t (k text NOT NULL)',
    index: 'CREATE UNIQUE INDEX ON t (k COLLATE "C")',
  },
])('A unique index is a key: $title', async ({ sql, index }) => {
  expect(await insertInto(sql, index)).toEqual({ keys: { t: ['a'] }, codes: [] })
})

async function insertInto(sql: string, index: string) {
  const client = new pg.Client(await server.database(sql))
  await client.connect()
  // In the first case it fails, and leaves an index that holds nothing.
  await client.query(index).catch(() => {})
  const sink = new RecordingSink('test')
  const installed = pgInstrument({ serves: () => true, ignoreTables: [] }).install(pg, sink)
  await client.query(`INSERT INTO t VALUES ('a')`)
  installed[Symbol.dispose]()
  await client.end()
  return { keys: sink.keys(), codes: sink.warnings.map(({ code }) => code) }
}
