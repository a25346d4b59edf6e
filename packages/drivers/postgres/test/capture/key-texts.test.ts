/** A key has the same text whether it is captured from a client, found as a dependent or sent to remove its row. */

import { finished } from 'node:stream/promises'
import { RecordingSink } from '@dustpan/conformance/capture'
import { once } from '@dustpan/conformance/servers'
import { testServer } from '@dustpan/conformance/servers/test-server'
import type { Json } from '@dustpan/core/driver'
import pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import postgresJs from 'postgres'
import { beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { pgInstrument } from '../../src/capture/instrument.ts'
import { postgresJsInstrument } from '../../src/capture/postgres-js/instrument.ts'
import { connect, ctx, remove, targets } from '../removal/fixture.ts'

/** For each type, a value and the text that is recorded for it. */
const kinds: { readonly [type: string]: readonly [value: string, text: string] } = {
  bool: [`true`, 't'],
  'char(5)': [`'ab'`, 'ab   '],
  inet: [`'10.0.0.9'`, '10.0.0.9'],
  cidr: [`'10.0.0.0/8'`, '10.0.0.0/8'],
  date: [`'2021-04-05'`, '2021-04-05'],
  timestamp: [`'2021-04-05 10:00:00.5'`, '2021-04-05 10:00:00.5'],
  timestamptz: [`'2021-04-05 10:00:00.25+02'`, '2021-04-05 08:00:00.25+00'],
  bytea: [`'\\x00ff5c'`, '\\x00ff5c'],
  interval: [`'-1 day -2 hours'`, '-1 days -02:00:00'],
  float8: [`0.1::float8 + 0.2::float8`, '0.30000000000000004'],
  mood: [`'so so'`, 'so so'],
  'bool[]': [`'{t,f}'`, '{t,f}'],
  'inet[]': [`'{10.0.0.9}'`, '{10.0.0.9}'],
  'date[]': [`'{2021-04-05}'`, '{2021-04-05}'],
  daterange: [`'[2021-04-05,2021-06-07)'`, '[2021-04-05,2021-06-07)'],
  pair: [`ROW(true, '10.0.0.9', 'a "b"')`, '(t,10.0.0.9,"a ""b""")'],
  numeric: ['1.50', '1.50'],
  '"char"': [`'x'`, 'x'],
}

/** Dates outside the usual format. */
const unusualDates: readonly (readonly [type: string, value: string])[] = [
  ['date', '0044-03-15 BC'],
  ['date', 'infinity'],
  ['timestamp', '0044-03-15 10:00:00 BC'],
  ['timestamp', '-infinity'],
  ['timestamptz', '0044-03-15 10:00:00+00 BC'],
  ['timestamptz', 'infinity'],
  ['timestamptz', '12026-01-02 03:04:05+00'],
]

const nameOf = (type: string) => type.replace(/\W/g, '_')
const tableFor = (type: string) =>
  `CREATE TABLE of_${nameOf(type)} (parent int REFERENCES parents, k ${type}, PRIMARY KEY (parent, k));`
const schema = `CREATE TYPE mood AS ENUM ('so so'); CREATE TYPE pair AS (yes bool, ip inet, word text);
  CREATE TABLE parents (id int PRIMARY KEY); INSERT INTO parents VALUES (1);
  ${Object.keys(kinds).map(tableFor).join('\n')}`

const server = await testServer()
let url: string
const sink = new RecordingSink()
beforeEach(() => sink.reset())

describe('a key is recorded with the same text by every client, and its row can be removed by it', () => {
  beforeAll(async () => {
    url = await server.database(schema)
  })

  test.each(Object.entries(kinds))('%s', async (type, [value, text]) => {
    const table = `of_${nameOf(type)}`
    const insert = `INSERT INTO ${table} (parent, k) VALUES (1, ${value})`
    const empty = () => once(url, `DELETE FROM ${table}`)
    const ways: (() => Promise<unknown>)[] = [
      () => withPg(async (client) => client.query(insert)),
      () => withPg(async (client) => client.query({ text: insert, binary: true } as never)),
      () => withPg(async (client) => client.query(`WITH made AS (${insert} RETURNING *) SELECT count(*) FROM made`)),
      () => withPg(async (client) => client.query(`WITH made AS (${insert}) SELECT 1`)),
      () => withPg(async (client) => client.query(`WITH made AS (${insert} RETURNING *) SELECT * FROM made`)),
      () => withPg((client) => copy(client, table, `1\t${text.replaceAll('\\', '\\\\')}\n`)),
      () => withJs((sql) => sql.unsafe(insert)),
    ]
    for (const way of ways) {
      await empty()
      sink.reset()
      await way()
      expect(sink.keys()).toEqual({ [table]: [[1, text]] })
    }
    await using connection = await connect(url)
    const { dependents } =
      (await connection.relate?.(await targets(url, 'parents', [1]), { ...ctx, dependents: true })) ?? {}
    expect(dependents?.filter((one) => one.type === table)).toMatchObject([{ key: [1, text] }])
    expect(await remove(connection, await targets(url, table, [[1, text]]))).toEqual(['removed'])
  })

  test.each(unusualDates)('%s %s', async (type, value) => {
    const table = `of_${nameOf(type)}`
    await withPg((client) => client.query(`INSERT INTO ${table} (parent, k) VALUES (1, '${value}')`))
    expect(sink.keys()).toEqual({ [table]: [[1, value]] })
    await using connection = await connect(url)
    expect(await remove(connection, await targets(url, table, [[1, value]]))).toEqual(['removed'])
  })
})

/** Output formats of a session, and a row of somebody else whose key reads like that of the test in them. */
const styles: readonly {
  readonly title: string
  readonly set: string
  readonly type: string
  readonly mine: string
  readonly other: string
  readonly text?: string
  readonly names?: RegExp
}[] = [
  {
    title: 'dates',
    set: `DateStyle = 'SQL, DMY'`,
    type: 'date',
    mine: `'2021-04-05'`,
    other: `'2021-05-04'`,
    text: '2021-04-05',
  },
  {
    title: 'timestamps',
    set: `DateStyle = 'German'`,
    type: 'timestamp',
    mine: `'2021-04-05 10:00'`,
    other: `'2021-05-04 10:00'`,
    text: '2021-04-05 10:00:00',
  },
  {
    title: 'timestamps with time zone',
    set: `DateStyle = 'SQL, DMY'; SET TimeZone = 'Asia/Tokyo'`,
    type: 'timestamptz',
    mine: `'2021-04-05 10:00+00'`,
    other: `'2021-05-04 10:00+00'`,
    text: '2021-04-05 10:00:00+00',
  },
  {
    title: 'bytes',
    set: `bytea_output = 'escape'`,
    type: 'bytea',
    mine: `'\\x00ff'`,
    other: `'\\x00fe'`,
    text: '\\x00ff',
  },
  {
    title: 'date ranges',
    set: `DateStyle = 'SQL, DMY'`,
    type: 'daterange',
    mine: `'[2021-04-05,2021-06-07)'`,
    other: `'[2021-05-04,2021-07-06)'`,
    names: /k \(daterange\).*DateStyle/,
  },
  {
    title: 'date arrays',
    set: `DateStyle = 'SQL, DMY'`,
    type: 'date[]',
    mine: `'{2021-04-05}'`,
    other: `'{2021-05-04}'`,
    names: /k \(_date\).*DateStyle/,
  },
  {
    title: 'intervals',
    set: `IntervalStyle = 'sql_standard'`,
    type: 'interval',
    mine: `'-1 day -2 hours'`,
    other: `'-1 day +2 hours'`,
    names: /k \(interval\).*IntervalStyle/,
  },
  {
    title: 'shortened floats',
    set: 'extra_float_digits = 0',
    type: 'float8',
    mine: '0.1::float8 + 0.2::float8',
    other: '0.3',
    names: /k \(float8\).*extra_float_digits/,
  },
]

describe('no row of somebody else is removed in place of the test’s where the session has other output formats', () => {
  describe.each(['set by the client', 'set by the database'])('%s', (by) => {
    test.each(styles)('$title', async ({ set, type, mine, other, text, names }) => {
      const ownUrl = await server.database(schema)
      if (by === 'set by the database') await setForDatabase(ownUrl, set)
      const table = `of_${nameOf(type)}`
      await once(ownUrl, `SET DateStyle = 'ISO'; INSERT INTO ${table} (parent, k) VALUES (1, ${other})`)
      await withPg(async (client) => {
        if (by === 'set by the client') await client.query(`SET ${set}`)
        await client.query(`INSERT INTO ${table} (parent, k) VALUES (1, ${mine})`)
      }, ownUrl)
      const warnings = sink.warnings.map(({ code, message }) => [code, message])
      if (text === undefined) {
        expect(sink.keys()).toEqual({})
        expect(warnings).toEqual([['DUSTPAN_SQL_UNATTRIBUTED', expect.stringMatching(names ?? /^$/)]])
        return
      }
      expect(warnings).toEqual([])
      expect(sink.keys()).toEqual({ [table]: [[1, text]] })
      await using connection = await connect(ownUrl)
      const wanted = await targets(ownUrl, table, sink.keys()[table] as Json[])
      const backups = await connection.backup?.(wanted, ctx)
      expect(backups?.size).toBe(1)
      expect(await remove(connection, wanted)).toEqual(['removed'])
      expect((await once(ownUrl, `SELECT k = ${other} AS is_others FROM ${table}`)).rows).toEqual([{ is_others: true }])
    })
  })
})

test('Dustpan’s own sessions are not affected by output formats that are set for the database', async () => {
  const ownUrl = await server.database(schema)
  await setForDatabase(
    ownUrl,
    `DateStyle = 'SQL, DMY'; SET IntervalStyle = 'sql_standard'; SET extra_float_digits = -3; SET bytea_output = 'escape'; SET TimeZone = 'Asia/Tokyo'`,
  )
  await withPg(async (client) => {
    await client.query(
      `SET DateStyle = 'ISO'; SET IntervalStyle = 'postgres'; SET extra_float_digits = 1; SET bytea_output = 'hex'`,
    )
    for (const [type, [value]] of Object.entries(kinds))
      await client.query(`INSERT INTO of_${nameOf(type)} (parent, k) VALUES (1, ${value})`)
  }, ownUrl)
  const expected = Object.entries(kinds).map(([type, [, text]]) => [`of_${nameOf(type)}`, [1, text]])
  expect(sink.records.map(({ type, key }) => [type, key])).toEqual(expected)
  await using connection = await connect(ownUrl)
  const { dependents = [] } =
    (await connection.relate?.(await targets(ownUrl, 'parents', [1]), { ...ctx, dependents: true })) ?? {}
  expect(new Set(dependents.map(({ type, key }) => JSON.stringify([type, key])))).toEqual(
    new Set(expected.map((one) => JSON.stringify(one))),
  )
  const wanted = await Promise.all(sink.records.map(({ type, key }) => targets(ownUrl, type, [key])))
  expect((await connection.backup?.(wanted.flat(), ctx))?.size).toBe(expected.length)
  expect(new Set(await remove(connection, wanted.flat()))).toEqual(new Set(['removed']))
})

test('a row that COPY writes is not tracked, with a warning, if the session has another format for its key', async () => {
  const ownUrl = await server.database(schema)
  await withPg(async (client) => {
    await client.query(`SET IntervalStyle = 'sql_standard'`)
    await copy(client, 'of_interval', '1\t1 day\n')
    await copy(client, 'of_date', '1\t2021-04-05\n')
  }, ownUrl)
  expect(sink.keys()).toEqual({ of_date: [[1, '2021-04-05']] })
  expect(sink.warnings).toMatchObject([
    { code: 'DUSTPAN_SQL_UNATTRIBUTED', message: expect.stringContaining(`SET IntervalStyle = 'postgres'`) },
  ])
})

test('rows are tracked again once the client has reset its output format', async () => {
  const ownUrl = await server.database(schema)
  await withPg(async (client) => {
    await client.query(`SET IntervalStyle = 'sql_standard'`)
    await client.query(`INSERT INTO of_interval (parent, k) VALUES (1, '1 day')`)
    await client.query('RESET IntervalStyle')
    await client.query(`INSERT INTO of_interval (parent, k) VALUES (1, '2 days')`)
  }, ownUrl)
  expect(sink.keys()).toEqual({ of_interval: [[1, '2 days']] })
  expect(sink.warnings).toHaveLength(1)
  expect(sink.intents.map(({ outcome }) => outcome)).toEqual(['not-a-creation', 'created'])
})

/** Runs COPY in a transaction, in which its rows can be tracked. */
async function copy(client: pg.Client, table: string, lines: string): Promise<void> {
  await client.query('BEGIN')
  const stream = client.query(copyFrom(`COPY ${table} (parent, k) FROM STDIN`))
  stream.end(lines)
  await finished(stream)
  await client.query('COMMIT')
}

async function setForDatabase(ownUrl: string, set: string): Promise<void> {
  const database = new URL(ownUrl).pathname.slice(1)
  await once(
    ownUrl,
    set
      .split('; SET ')
      .map((one) => `ALTER DATABASE ${database} SET ${one}`)
      .join('; '),
  )
}

async function withPg<T>(use: (client: pg.Client) => Promise<T>, ownUrl = url): Promise<T> {
  using _ = pgInstrument({ serves: () => true, ignoreTables: [] }).install(pg, sink)
  const client = new pg.Client(ownUrl)
  await client.connect()
  try {
    return await sink.run('test', () => use(client))
  } finally {
    await client.end()
  }
}

async function withJs<T>(use: (sql: ReturnType<typeof postgresJs>) => PromiseLike<T>): Promise<T> {
  using _ = postgresJsInstrument({ serves: () => true, ignoreTables: [] }).install(postgresJs, sink)
  const sql = postgresJs(url, { max: 1, onnotice: () => {} })
  onTestFinished(() => sql.end({ timeout: 1 }))
  return await sink.run('test', async () => await use(sql))
}
