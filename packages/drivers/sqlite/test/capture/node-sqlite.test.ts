import { type Recorded, targetOf } from '@dustpan/conformance/capture'
import { expect, test } from 'vitest'
import { clients, installed, opened, rows, type TestDatabase } from '../clients.ts'
import { connected, driverOf, removed } from '../removal/harness.ts'

const [client] = clients
if (client === undefined) throw new Error('no node:sqlite')
const node = client

type Run = (strings: TemplateStringsArray, ...values: unknown[]) => unknown
interface NodeDatabase extends TestDatabase {
  open(): void
  createTagStore?(): { run: Run; all: Run; iterate: Run }
  createSession(): { changeset(): Uint8Array }
  applyChangeset(changeset: Uint8Array): boolean
  setAuthorizer?(authorize: ((action: number, first: string, second: string) => number) | null): void
  serialize?(): Uint8Array
  deserialize?(buffer: Uint8Array): void
}

function filled(): NodeDatabase {
  const database = opened(node) as NodeDatabase
  database.exec('CREATE TABLE t (id INTEGER PRIMARY KEY, n)')
  return database
}

test('rows inserted through a tag store are tracked, with one intent per call', () => {
  const sink = installed(node)
  const store = filled().createTagStore?.()
  if (store === undefined) return expect(process.version).toMatch(/^v22/)
  store.run`INSERT INTO t (n) VALUES (${1})`
  store.all`INSERT INTO t (n) VALUES (${2}) RETURNING id`
  const iterated = [...(store.iterate`INSERT INTO t (n) VALUES (${3}), (${4}) RETURNING id` as Iterable<unknown>)]
  expect(iterated).toHaveLength(2)
  expect(sink.live()).toEqual(['t 1', 't 2', 't 3', 't 4'])
  expect(sink.begun).toHaveLength(3)
})

test('rows inserted by applyChangeset() are tracked', () => {
  const sink = installed(node)
  const [from, to] = [filled(), filled()]
  const session = from.createSession()
  from.exec('INSERT INTO t VALUES (5, 0)')
  expect(to.applyChangeset(session.changeset())).toBe(true)
  expect(sink.records.map(({ key }) => key)).toEqual([5, 5])
  expect(rows(to, 'SELECT * FROM t')).toEqual([{ id: 5, n: 0 }])
})

test("the user's authorizer is not called for Dustpan's own statements and triggers", () => {
  const sink = installed(node)
  const database = filled()
  const asked: string[] = []
  database.setAuthorizer?.((_, first, second) => {
    asked.push(`${first} ${second}`)
    return `${first} ${second}`.includes('dustpan') ? 1 : 0
  })
  database.exec('INSERT INTO t (n) VALUES (1)')
  database.prepare('INSERT INTO t (n) VALUES (2)').run()
  expect(sink.live()).toEqual(['t 1', 't 2'])
  expect(asked.filter((one) => one.includes('dustpan') || one.includes('sqlite_temp'))).toEqual([])
})

test('deserialize() discards the tracked rows, and the new database is captured', () => {
  const sink = installed(node)
  const database = filled()
  if (database.serialize === undefined || database.deserialize === undefined)
    return expect(process.version).toMatch(/^v2[24]/)
  database.exec('INSERT INTO t VALUES (1, 0)')
  database.deserialize(database.serialize())
  database.exec('INSERT INTO t VALUES (2, 0)')
  expect(sink.live()).toEqual(['t 2'])
})

test('Dustpan’s triggers are dropped before deserialize(), as dropping them later would crash the process', () => {
  installed(node)
  const database = filled()
  if (database.serialize === undefined || database.deserialize === undefined)
    return expect(process.version).toMatch(/^v2[24]/)
  database.exec('INSERT INTO t VALUES (1, 0)')
  const triggers = () => rows(database, "SELECT count(*) AS n FROM temp.sqlite_master WHERE type = 'trigger'")
  expect(triggers()).not.toEqual([{ n: 0 }])
  database.deserialize(database.serialize())
  expect(triggers()).toEqual([{ n: 0 }])
})

test('a database is captured again after close() and open()', () => {
  const sink = installed(node)
  const database = filled()
  database.exec('INSERT INTO t VALUES (1, 0)')
  database.close()
  database.open()
  database.exec('CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (7)')
  expect(sink.live()).toEqual(['t 7'])
  expect(sink.warnings).toEqual([])
})

test('a shared in-memory database lives until its last connection is closed', async () => {
  const sink = installed(node)
  const address = 'file:kept-by-another?mode=memory&cache=shared'
  const [keeper, stranger] = [opened(node, address), opened(node)]
  for (const database of [keeper, stranger])
    database.exec('CREATE TABLE t (id INTEGER PRIMARY KEY, n TEXT); PRAGMA user_version = 7')
  const one = opened(node, address)
  one.exec("INSERT INTO t (n) VALUES ('x')")
  one.close()
  expect(sink.live()).toEqual(['t 1'])
  expect([keeper, stranger].map((its) => rows(its, 'PRAGMA user_version'))).toEqual([
    [{ user_version: 7 }],
    [{ user_version: 7 }],
  ])
  const record = sink.records.at(-1) as Recorded
  const connection = await connected(driverOf({}), record.store.id)
  expect(await removed(connection, [targetOf(record)])).toEqual({ [record.id]: 'removed' })
  expect(rows(keeper, 'SELECT * FROM t')).toEqual([])
  keeper.close()
  expect(sink.live()).toEqual([])
})
