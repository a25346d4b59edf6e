import { type PredicateWorld, predicateSuite, settingsFor } from '@dustpan/conformance/by-predicate'
import { describeOn } from '@dustpan/conformance/servers/describe-on'
import { planRemoval } from '@dustpan/core/ledger'
import { BSON, Long, ObjectId, UUID } from 'mongodb'
import { expect, test } from 'vitest'
import { keyOf } from '../../src/keys.ts'
import { filterOf, isNot } from '../../src/predicate/filter.ts'
import { type MongoWorld, mongoWorld } from './world.ts'

type What = Parameters<typeof planRemoval>[1]

async function remove(
  world: PredicateWorld,
  what: What,
  options: object = {},
  config: object = {},
  environment = 'test',
) {
  await using settings = await settingsFor({ drivers: [world.driver(options)], ...config }, environment)
  await using removal = await planRemoval(settings, what)
  return await removal.carryOut({ agreed: true })
}

const hour = 3_600_000

describeOn('mongodb', 'predicates', (server) => {
  const open = async (): Promise<MongoWorld> => mongoWorld(await server.database())

  predicateSuite({ name: 'mongodb', open, fields: true, stamped: true })

  test.for([
    ['a date', (ms: number) => new Date(ms)],
    ['a text', (ms: number) => new Date(ms).toISOString()],
    ['milliseconds', (ms: number) => ms],
    ['milliseconds in a Long', (ms: number) => Long.fromNumber(ms)],
    ['seconds', (ms: number) => ms / 1000],
  ] as const)('a filter by age reads a field that holds %s', async ([, at]) => {
    await using world = await open()
    const [old, young] = [Date.now() - 10 * 86_400_000, Date.now() - 2 * 86_400_000]
    await world.db
      .collection<{ _id: number }>('notes')
      .insertMany([{ _id: 1, at: at(old) }, { _id: 2, at: at(young) }, { _id: 3, at: null }, { _id: 4 }] as never)
    await remove(world, { types: 'notes', olderThan: '7d' }, { kinds: { notes: { createdAt: 'at' } } })
    expect((await world.db.collection('notes').distinct('_id')).sort()).toEqual([2, 3, 4])
  })

  test.for([
    ['a text in another zone', (ms: number) => `${new Date(ms - 5 * hour).toISOString().slice(0, 19)}-05:00`],
    ['a text without a zone', (ms: number) => new Date(ms - 5 * hour).toISOString().slice(0, 19)],
    ['a text with a space', (ms: number) => new Date(ms - 5 * hour).toISOString().slice(0, 19).replace('T', ' ')],
    ['a date without a time', (ms: number) => new Date(ms).toISOString().slice(0, 10)],
  ] as const)('a time in %s counts as old only if it is old in every time zone', async ([, at]) => {
    await using world = await open()
    const [old, young] = [Date.now() - 3 * 24 * hour, Date.now() - hour]
    await world.db.collection<{ _id: number }>('notes').insertMany([
      { _id: 1, at: at(old) },
      { _id: 2, at: at(young) },
    ] as never)
    await remove(world, { types: 'notes', olderThan: '2h' }, { kinds: { notes: { createdAt: 'at' } } })
    expect(await world.db.collection('notes').distinct('_id')).toEqual([2])
  })

  test('a value that is no certain time does not count as old', async () => {
    await using world = await open()
    const old = Date.now() - 72 * hour
    const unclear = ['', 'n/a', '11/22/2020', '22 Nov 2020', 0, 20201122, 202011221530, [new Date(old), new Date()]]
    const zero = ['0001-01-01T00:00:00Z', new Date(0), new Date('0001-01-01'), [old]]
    await world.db.collection('notes').insertMany([...unclear, ...zero].map((at) => ({ at })))
    await world.db.collection('notes').insertOne({ at: [{ on: new Date(old) }, { on: new Date() }] })
    for (const createdAt of ['at', 'at.on'])
      expect(
        await remove(world, { types: 'notes', olderThan: '2h' }, { kinds: { notes: { createdAt } } }),
      ).toMatchObject({
        deletedCount: 0,
      })
  })

  test('an ObjectId written by hand does not count as old', async () => {
    await using world = await open()
    const old = new ObjectId(`${Math.floor(Date.now() / 1000 - 864_000).toString(16)}a1b2c3d4e5000001`)
    const byHand = ['000000000000000000000001', '111111111111111111111111', '5f0000000000000000000001']
    await world.db
      .collection('notes')
      .insertMany([old, ...byHand.map((id) => new ObjectId(id))].map((_id) => ({ _id })))
    expect(await remove(world, { types: 'notes', olderThan: '7d' })).toMatchObject({
      deleted: { notes: 1 },
      left: [],
    })
    expect((await world.db.collection('notes').distinct('_id')).map(String)).toEqual(byHand.toSorted())
  })

  test('protected _ids of every type are kept', async () => {
    await using world = await open()
    const ids = [
      ...['t', 5, true, 1.5, new ObjectId(), new UUID(), new Date(99), Long.fromString('9007199254740993')],
      ...[{ tenant: 'a', no: 1 }, { u: new UUID() }, { tenant: 'a', day: new Date(86_400_000) }],
    ]
    const keys = ids.map((id) => keyOf(id).json)
    const notes = world.db.collection<{ _id: unknown }>('notes')
    await notes.insertMany([...ids, 'other'].map((_id) => ({ _id, v: 'x' })) as never)
    const asked = filterOf(
      { test: 'equals', column: 'v', value: 'x' },
      { collection: '', owner: undefined, ejson: BSON.EJSON },
    )
    const found = await notes.find({ $and: [asked, isNot(keys, BSON.EJSON)] } as never).toArray()
    expect(found.map(({ _id }) => _id)).toEqual(['other'])
  })

  test('a filter by age reads the time in the ObjectId when no field is configured', async () => {
    await using world = await open()
    const old = new ObjectId(`${Math.floor(Date.now() / 1000 - 864_000).toString(16)}a1b2c3d4e5000001`)
    await world.db.collection('notes').insertMany([{ _id: old }, {}])
    expect(await remove(world, { types: 'notes', olderThan: '7d' })).toMatchObject({ deleted: { notes: 1 } })
    expect(await world.db.collection('notes').countDocuments({ _id: old })).toBe(0)
  })

  test('an ObjectId is matched by its 24 digits as owner, as field value and as protected _id', async () => {
    await using world = await open()
    const [one, other] = [new ObjectId(), new ObjectId()]
    await world.db.collection('teams').insertOne({ _id: one })
    await world.db.collection('notes').insertMany([{ team: one }, { team: one, _id: other }, { team: other }])
    const options = { kinds: { notes: { owner: 'team' } }, owners: { table: 'teams' } }
    await remove(world, { owner: one.toHexString(), types: 'notes' }, options, {
      protect: { ids: { notes: [other.toHexString()] } },
    })
    expect(await world.db.collection('notes').countDocuments()).toBe(2)
    await remove(world, { types: 'notes', where: { team: one.toHexString() } })
    expect(await world.db.collection('notes').countDocuments()).toBe(1)
  })

  test('DUSTPAN_UNKNOWN_OWNER: a name that several owners share is refused', async () => {
    await using world = await open()
    await world.db.collection('users').updateMany({}, { $set: { email: 'same' } })
    const removal = remove(world, { owner: 'same' }, { owners: { table: 'users', key: 'email' } })
    const hint = expect.stringContaining('a unique key')
    await expect(removal).rejects.toMatchObject({ code: 'DUSTPAN_UNKNOWN_OWNER', hint })
  })

  test('a boolean field as tag matches { tag: true }', async () => {
    await using world = await open()
    await world.db.collection('notes').insertMany([{ isTest: true }, { isTest: false }, {}])
    const kinds = { notes: { tag: 'isTest' } }
    expect(await remove(world, { tag: true }, { kinds })).toMatchObject({ deleted: { notes: 1 } })
  })

  test.for([
    ['test', 'soft', 'soft', 6],
    ['test', undefined, 'hard', 4],
    ['staging', undefined, 'soft', 6],
  ] as const)(
    'in %s with deletion %s documents are removed once by %s deletion',
    async ([environment, deletion, method, left]) => {
      await using world = await open()
      const softDelete = { items: { isActive: false, deletedAt: 'now' } }
      const config = { profiles: { staging: { database: true } } }
      const what = { tag: 'test-data', ...(deletion ? { deletion } : {}) }
      expect(await remove(world, what, { softDelete }, config, environment)).toMatchObject({ deletedCount: 2, method })
      expect((await world.left()).items).toHaveLength(left)
      expect(await remove(world, what, { softDelete }, config, environment)).toMatchObject({ deletedCount: 0 })
    },
  )

  test('DUSTPAN_HAS_DEPENDENTS: a document that an unrecorded one refers to is kept, the others are removed', async () => {
    await using world = await open()
    await world.db.collection('reviews').insertOne({ items: [{ item: 3 }] })
    const outcome = await remove(world, { tag: 'test-data' }, { references: { reviews: { 'items.item': 'items' } } })
    expect(outcome).toMatchObject({ deleted: { items: 1 }, left: [{ count: 1, code: 'DUSTPAN_HAS_DEPENDENTS' }] })
  })

  test.for(['a.*', 'a$', '(a', '[a', 'a|b', '^a', 'a\\', 'a/b', 'a-b'])(
    'a pattern matches special characters literally: %s',
    async (name) => {
      await using world = await open()
      await world.db.collection('notes').insertMany([{ name: `${name}x\ny` }, { name: 'ab' }, { name: `A${name}` }])
      await remove(world, { types: 'notes', where: { name: `${name}%` } })
      expect(await world.db.collection('notes').distinct('name')).toEqual([`A${name}`, 'ab'].sort())
    },
  )
})
