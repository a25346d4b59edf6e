import { removalContext } from '@dustpan/conformance/drivers/driver'
import type { Json, StoreConnection } from '@dustpan/core/driver'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { onEveryServer } from '../servers.ts'
import { openWorld, type World } from '../world.ts'

const schema = `
  CREATE TABLE events (id UInt64, name String, price Decimal(18, 2), tags Array(String), at DateTime, n Nullable(Int64),
    twice UInt64 MATERIALIZED id * 2) ENGINE = MergeTree ORDER BY id;
  CREATE TABLE users (id UInt64, active UInt8, deleted_at DateTime) ENGINE = MergeTree ORDER BY id;
`
const softDelete = { users: { active: 0, deleted_at: 'now' } }

onEveryServer('backups', (server) => {
  let world: World
  beforeEach(async () => {
    world = await openWorld(server, schema)
  })
  afterEach(() => world[Symbol.asyncDispose]())

  const everything = (table: string) =>
    world.ask(
      `SELECT * FROM ${table} ORDER BY id, name FORMAT JSONEachRow`.replace(table === 'users' ? ', name' : '', ''),
    )
  const insert = (table: string, ...values: object[]) => world.client.insert({ table, values, format: 'JSONEachRow' })

  /** The backups as they are read from their file. */
  async function backUp(connection: StoreConnection) {
    const backups = (await connection.backup?.(world.targets(), removalContext())) ?? new Map<string, Json>()
    return world.targets().flatMap((target) => {
      const backup = backups.get(target.id)
      return backup === undefined ? [] : [{ target, backup: JSON.parse(JSON.stringify(backup)) as Json }]
    })
  }
  const states = (outcomes: ReadonlyMap<string, { state: string }> | undefined) =>
    [...(outcomes?.values() ?? [])].map(({ state }) => state)

  test('rows are restored unchanged, also several rows of one key', async () => {
    const row = {
      id: '18446744073709551615',
      name: `it's "quoted" \\ 😀`,
      price: 1.1,
      tags: [`'`, 'b'],
      at: '2024-02-29 12:00:00',
      n: null,
    }
    await insert('events', row, { id: 2, n: '9223372036854775807' }, { id: 3, name: 'a' }, { id: 3, name: 'b' })
    const before = await everything('events')
    const connection = await world.connect()
    const backups = await backUp(connection)
    const second = await backUp(connection)
    expect(second.map(({ backup }) => backup)).toEqual(backups.map(({ backup }) => backup))
    expect(await world.remove()).toEqual(['removed', 'removed', 'removed'])
    expect(states(await connection.putBack?.(backups, removalContext()))).toEqual(['restored', 'restored', 'restored'])
    expect(await everything('events')).toBe(before)
  })

  test('DUSTPAN_RESTORE_FAILED: a row is not restored when its key was taken since', async () => {
    await insert('events', { id: 1 }, { id: 2 })
    const connection = await world.connect()
    const backups = await backUp(connection)
    await world.remove()
    await world.ask(`INSERT INTO events (id, name) VALUES (1, 'a stranger')`)
    const back = await connection.putBack?.(backups, removalContext())
    expect([...(back?.values() ?? [])]).toMatchObject([
      { state: 'failed', error: { code: 'DUSTPAN_RESTORE_FAILED' } },
      { state: 'restored' },
    ])
    expect(await world.column('SELECT id, name FROM events ORDER BY id')).toEqual(['1\ta stranger', '2\t'])
  })

  test('soft-deleted rows are restored to their old values', async () => {
    await insert('users', { id: 1, active: 1 })
    const before = await everything('users')
    const connection = await world.connect({ softDelete })
    const backups = await backUp(connection)
    await connection.remove(world.targets(), removalContext())
    expect(await everything('users')).not.toBe(before)
    expect(states(await connection.putBack?.(backups, removalContext()))).toEqual(['restored'])
    expect(await everything('users')).toBe(before)
  })

  test('a row with bytes that are no text is not backed up', async () => {
    await insert('events', { id: 1 })
    await world.ask(`INSERT INTO events (id, name) VALUES (5, unhex('ff'))`)
    world.sink.records.push(...world.sink.records.map((one) => ({ ...one, id: 'other', key: 5 })))
    expect(await backUp(await world.connect())).toMatchObject([{ target: { key: 1 } }])
  })

  test('a row that no longer exists is not backed up', async () => {
    await insert('events', { id: 1 })
    await world.ask('TRUNCATE TABLE events')
    expect(await backUp(await world.connect())).toEqual([])
  })
})
