import { everything, predicateSuite, settingsFor, without } from '@dustpan/conformance/by-predicate'
import { planRemoval } from '@dustpan/core/ledger'
import { expect, test } from 'vitest'
import { onEveryServer } from '../servers.ts'
import { clickhouseWorld } from './world.ts'

onEveryServer('by predicate', (server) => {
  predicateSuite({ name: 'ClickHouse', open: () => clickhouseWorld(server), fields: true })

  test('with soft deletion rows are marked, and no longer selected afterwards', async () => {
    await using world = await clickhouseWorld(server)
    const softDelete = { items: { is_active: 0, deleted_at: 'now' } }
    await using settings = await settingsFor({ drivers: [world.driver({ softDelete, deletion: 'soft' })] })
    await using removal = await planRemoval(settings, { run: 'run-a' })
    expect(await removal.carryOut({ agreed: true })).toMatchObject({ deletedCount: 2, left: [] })
    expect(await world.left()).toEqual(everything)
    expect(await world.ask('SELECT id FROM items WHERE is_active = 0 AND isNotNull(deleted_at) ORDER BY id')).toBe(
      '1\n5\n',
    )
    await using second = await planRemoval(settings, { run: 'run-a' })
    expect(second.plan.total).toBe(0)
  })

  test('DUSTPAN_CONFIG_INVALID: with soft-only deletion, rows without a soft delete are kept', async () => {
    await using world = await clickhouseWorld(server)
    const config = { drivers: [world.driver()], profiles: { test: { deletion: 'soft-only' } } }
    await using settings = await settingsFor(config)
    await using removal = await planRemoval(settings, { run: 'run-a' })
    const outcome = await removal.carryOut({ agreed: true })
    expect(outcome).toMatchObject({ deletedCount: 0, left: [{ type: 'items' }] })
    expect(await world.left()).toEqual(everything)
  })

  test('a row with a protected id is kept', async () => {
    await using world = await clickhouseWorld(server)
    await using settings = await settingsFor({
      drivers: [world.driver()],
      protect: { ids: { items: ['1'], otps: [1] } },
    })
    await using removal = await planRemoval(settings, { owner: 1 })
    expect(await removal.carryOut({ agreed: true })).toMatchObject({ deletedCount: 5 })
    expect(await world.left()).toEqual(without({ items: [2, 5], otps: [2], logs: [1, 2] }))
  })

  test('a filter by age selects only rows that are certainly old', async () => {
    await using world = await clickhouseWorld(server)
    const local = (hours: number) => new Date(Date.now() - (hours + 5) * 3_600_000).toISOString().slice(0, 19)
    const iso = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString()
    const texts = [`${local(1)}-05:00`, local(1), iso(1).slice(0, 10), '', 'n/a', '11/22/2020', '0001-01-01T00:00:00Z']
    const old = [iso(5), local(72), local(72).replace('T', ' '), `${local(72)}+01:00`, iso(96).slice(0, 10)]
    await world.ask('CREATE TABLE texts (id UInt32, at String) ENGINE = MergeTree ORDER BY id')
    for (const [id, at] of [...texts, ...old].entries()) await world.ask(`INSERT INTO texts VALUES (${id}, '${at}')`)
    await world.ask('CREATE TABLE days (id UInt32, at Date) ENGINE = MergeTree ORDER BY id')
    await world.ask('INSERT INTO days VALUES (1, today()), (2, today() - 4), (3, toDate(0))')
    await world.ask('CREATE TABLE numbers (id UInt32, at Int64) ENGINE = MergeTree ORDER BY id')
    const [seconds, now] = [Math.floor(Date.now() / 1000), Date.now()]
    const given = [seconds - 3600, seconds - 36_000, now - 3_600_000, now - 36_000_000, 0, 20_201_122, 202_011_221_530]
    for (const [id, at] of given.entries()) await world.ask(`INSERT INTO numbers VALUES (${id}, ${at})`)
    await world.ask('CREATE TABLE times (id UInt32, at DateTime) ENGINE = MergeTree ORDER BY id')
    await world.ask(`INSERT INTO times VALUES (1, now()), (2, now() - 36000), (3, toDateTime(0))`)
    const kinds = Object.fromEntries(['texts', 'days', 'numbers', 'times'].map((name) => [name, { createdAt: 'at' }]))
    await using settings = await settingsFor({ drivers: [world.driver({ kinds })] })
    for (const types of Object.keys(kinds)) {
      await using removal = await planRemoval(settings, { types, olderThan: '2h' })
      await removal.carryOut({ agreed: true })
    }
    const left = async (table: string) => (await world.ask(`SELECT id FROM ${table} ORDER BY id`)).trim().split('\n')
    expect(await left('texts')).toEqual([...texts.keys()].map(String))
    expect(await left('days')).toEqual(['1', '3'])
    expect(await left('numbers')).toEqual(['0', '2', '4', '5', '6'])
    expect(await left('times')).toEqual(['1', '3'])
  })

  test('a tag matches an item of a JSON list only', async () => {
    await using world = await clickhouseWorld(server)
    await world.ask('CREATE TABLE notes (id UInt32, tags String) ENGINE = MergeTree ORDER BY id')
    const tags = [
      ...['["test-data"]', '["a\\"b", 1, "test-data" , null]', 'test-data', '[{"k":"test-data"}]', '["x\\"test-data"]'],
      ...['[test-data]', '["x", ["test-data"]]', '"test-data"', '["test-data", {"a": 1}]'],
    ]
    await world.ask(
      `INSERT INTO notes FORMAT JSONEachRow ${tags.map((one, id) => JSON.stringify({ id, tags: one })).join('\n')}`,
    )
    const driver = world.driver({ kinds: { notes: { tag: 'tags' } } })
    await using settings = await settingsFor({ drivers: [driver] })
    await using removal = await planRemoval(settings, { types: 'notes', tag: 'test-data' })
    await removal.carryOut({ agreed: true })
    expect(await world.ask('SELECT id FROM notes ORDER BY id')).toBe('3\n4\n5\n6\n7\n8\n')
  })

  test('a row with a protected time is kept, whatever the format of the time', async () => {
    await using world = await clickhouseWorld(server)
    await world.ask('CREATE TABLE times (at DateTime, n UInt8) ENGINE = MergeTree ORDER BY at')
    await world.ask(`INSERT INTO times VALUES (toDateTime(1577934245), 1), (toDateTime(1577934246), 1)`)
    const protect = { ids: { times: ['2020-01-02T03:04:05Z'] } }
    await using settings = await settingsFor({ drivers: [world.driver()], protect })
    await using removal = await planRemoval(settings, { types: 'times', where: { n: 1 } })
    await removal.carryOut({ agreed: true })
    expect(await world.ask('SELECT toUnixTimestamp(at) FROM times')).toBe('1577934245\n')
  })

  test('DUSTPAN_CONFIG_INVALID: a kind whose engine cannot delete has the error in the plan', async () => {
    await using world = await clickhouseWorld(server)
    await using settings = await settingsFor({ drivers: [world.driver()] })
    await using removal = await planRemoval(settings, { types: 'named', where: { name: 'lamp' } })
    expect(removal.plan.stores[0]?.kinds).toMatchObject([{ type: 'named', error: { code: 'DUSTPAN_CONFIG_INVALID' } }])
  })
})
