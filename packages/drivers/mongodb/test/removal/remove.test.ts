/** Removal of documents tracked by hand, by user filters, by soft delete, and of documents that others refer to. */
import { describeOn } from '@dustpan/conformance/servers/describe-on'
import { track } from '@dustpan/core'
import type { RemovalContext, Target } from '@dustpan/core/driver'
import { type Db, Long, ObjectId, UUID } from 'mongodb'
import { beforeEach, expect, test } from 'vitest'
import { createDriver } from '../../src/driver.ts'
import { type AnyCollection, beginTestRun, strangerAt } from '../run.ts'

describeOn('mongodb', 'removal', (server) => {
  let url: string
  let db: Db

  beforeEach(async () => {
    url = await server.database()
    db = await strangerAt(url)
  })

  const users = (): AnyCollection => db.collection('users')
  const tracked = async (remove: object, ids: readonly (string | number)[], options: object = {}) => {
    const run = await beginTestRun({ url, ...options })
    const report = await run.test(async () => void track({ type: 'user', ids, remove: { store: 'main', ...remove } }))
    return { run, report }
  }

  test('documents are removed by the text of an ObjectId, by a number and by another field', async () => {
    const id = new ObjectId()
    await users().insertMany([{ _id: id }, { _id: 7 }, { _id: 8, email: 'a@x' }, { _id: 9, email: 'b@x' }])
    await tracked({ collection: 'users', idType: 'objectId' }, [id.toHexString()])
    await tracked({ collection: 'users' }, [7])
    await tracked({ collection: 'users', key: 'email' }, ['a@x'])
    expect(await users().distinct('_id')).toEqual([9])
  })

  test('documents are removed by an ObjectId in upper case and by a number stored as a Long', async () => {
    const id = new ObjectId('65a1b2c3d4e5f6a7b8c9d0e1')
    await users().insertMany([{ _id: id }, { _id: Long.fromString('9007199254740992') }])
    const { run } = await tracked({ collection: 'users', idType: 'objectId' }, [id.toHexString().toUpperCase()])
    expect(run.recorded('removed')).toHaveLength(1)
    expect((await tracked({ collection: 'users' }, [2 ** 53])).run.recorded('removed')).toHaveLength(1)
    expect(await users().countDocuments()).toBe(0)
  })

  test('DUSTPAN_NOT_OURS: several documents with the same value in another field are kept', async () => {
    await users().insertMany([{ email: 'a@x' }, { email: 'a@x' }])
    const { run } = await tracked({ collection: 'users', key: 'email' }, ['a@x'])
    expect(run.recorded('refused')).toEqual(['user a@x'])
    expect(await users().countDocuments()).toBe(2)
  })

  test('removal by another field keeps a document whose list contains the value among others', async () => {
    await users().insertMany([
      { _id: 1, email: 'a@x' },
      { _id: 2, email: ['a@x', 'z@x'] },
    ])
    await tracked({ collection: 'users', key: 'email' }, ['a@x'])
    expect(await users().distinct('_id')).toEqual([2])
    await users().insertOne({ _id: 1, email: 'a@x' })
    await tracked({ collection: 'users', key: 'email' }, ['a@x'], {
      softDelete: { users: { gone: 'by {id}' } },
      deletion: 'soft',
    })
    expect(await users().distinct('_id', { gone: { $exists: true } })).toEqual([1])
  })

  test('DUSTPAN_INVALID_ARGUMENT: an id that is no ObjectId with idType objectId', async () => {
    const run = await beginTestRun({ url })
    const remove = { store: 'main', collection: 'users', idType: 'objectId' }
    await run.inTest(async () =>
      expect(() => track({ type: 'user', ids: [new ObjectId().toHexString(), 'abc'], remove })).toThrow(
        expect.objectContaining({ code: 'DUSTPAN_INVALID_ARGUMENT', message: expect.stringContaining('"abc"') }),
      ),
    )
  })

  test('a key that does not fit its filter fails, and the others are removed', async () => {
    await users().insertOne({ _id: id })
    const filter = { _id: { $oid: '{id}' } }
    const { run } = await tracked({ collection: 'users', filter }, ['abc', id.toHexString()])
    expect([run.recorded('failed'), run.recorded('removed')]).toEqual([['user abc'], [`user ${id.toHexString()}`]])
  })

  test('a filter of the user removes all matching documents, with a typed value', async () => {
    const id = new ObjectId()
    await users().insertMany([
      { owner: id, kind: 'a' },
      { owner: id, kind: 'a' },
      { owner: id, kind: 'b' },
      { owner: 'x' },
    ])
    const filter = { owner: { $oid: '{id}' }, kind: 'a' }
    const { report } = await tracked({ collection: 'users', filter }, [id.toHexString()])
    expect(report?.totals).toMatchObject({ removed: 1 })
    expect((await users().distinct('kind')).sort()).toEqual(['b'])
    expect(await users().countDocuments()).toBe(2)
  })

  test('a key that looks like an operator is matched as text', async () => {
    await users().insertMany([{ owner: 'x' }, { owner: '{"$gt":""}' }])
    await tracked({ collection: 'users', filter: { owner: '{id}' } }, ['{"$gt":""}'])
    expect(await users().distinct('owner')).toEqual(['x'])
  })

  test('an update given with the filter is applied instead of a removal', async () => {
    await users().insertOne({ _id: 7, isActive: true })
    await tracked({ collection: 'users', filter: { _id: '{id}' }, update: { $set: { isActive: false } } }, [7])
    expect(await users().findOne()).toEqual({ _id: 7, isActive: false })
  })

  const id = new ObjectId('65a1b2c3d4e5f6a7b8c9d0e1')
  test.for([
    ['a text, stored as ObjectId', id, id.toHexString(), { collection: 'users' }],
    ['an ObjectId, stored as text', id.toHexString(), id.toHexString(), { collection: 'users', idType: 'objectId' }],
    ['a text, stored as number', 7, '7', { collection: 'users' }],
    ['a number, stored as text', '7', 7, { collection: 'users' }],
    [
      'a text, stored as Binary',
      new UUID('3f2504e0-4f89-11d3-9a0c-0305e82c3301'),
      '3f2504e0-4f89-11d3-9a0c-0305e82c3301',
      { collection: 'users' },
    ],
    ['a text in a filter, stored as ObjectId', id, id.toHexString(), { collection: 'users', filter: { _id: '{id}' } }],
    [
      'an ObjectId in a filter, stored as text',
      id.toHexString(),
      id.toHexString(),
      { collection: 'users', filter: { _id: { $oid: '{id}' } } },
    ],
  ] as const)('DUSTPAN_KEY_TYPE_DIFFERS: %s', async ([, stored, given, remove]) => {
    await users().insertOne({ _id: stored })
    const { run } = await tracked(remove, [given])
    expect(run.recorded('failed')).toEqual([`user ${given}`])
    expect(run.warnings()).toEqual([
      expect.stringMatching(/^DUSTPAN_KEY_TYPE_DIFFERS: .*(ObjectId|Binary|UUID|string|number)/),
    ])
    expect(await users().countDocuments()).toBe(1)
  })

  test('DUSTPAN_KEY_TYPE_DIFFERS: one warning for many keys', async () => {
    const ids = Array.from({ length: 300 }, (_, n) => String(n))
    await users().insertMany([{ _id: 3 }, { _id: '4' }, { _id: 5 }])
    const { run } = await tracked({ collection: 'users' }, ids)
    expect(run.recorded('failed')).toEqual(['user 3', 'user 5'])
    expect(run.recorded('already-gone')).toHaveLength(298)
    expect(run.warnings()).toHaveLength(1)
    expect((await users().distinct('_id')).sort()).toEqual([3, 5])
  })

  test('a soft delete sets several fields, the time and the key in a text, and does so once', async () => {
    await users().insertMany([
      { _id: 7, email: 'a@x', isActive: true },
      { _id: 8, email: 'b@x', isActive: true },
    ])
    const softDelete = { users: { isActive: false, deletedAt: 'now', email: 'deleted-{id}', 'audit.by': 'tests' } }
    const { run } = await tracked({ collection: 'users' }, [7, 8], { softDelete, deletion: 'soft' })
    expect(run.recorded('removed')).toHaveLength(2)
    expect(await users().findOne({ _id: 7 })).toEqual({
      ...{ _id: 7, email: 'deleted-7', isActive: false, audit: { by: 'tests' } },
      deletedAt: expect.any(Date),
    })
    const second = await tracked({ collection: 'users' }, [7, 8], { softDelete, deletion: 'soft' })
    expect(second.run.recorded('already-gone')).toHaveLength(2)
    await tracked({ collection: 'users' }, [7], { softDelete, deletion: 'hard' })
    expect(await users().distinct('_id')).toEqual([8])
  })

  test('DUSTPAN_PROFILE_REFUSED: with soft-only deletion, documents without a soft delete are kept', async () => {
    await users().insertOne({ _id: 7 })
    const run = await beginTestRun(
      { url },
      { environment: 'staging', profiles: { staging: { database: true, deletion: 'soft-only' } } },
    )
    await run.test(async () => {
      track({ type: 'user', id: 7, remove: { collection: 'users', store: 'main' } })
      track({ type: 'user', id: 8, remove: { collection: 'users', filter: { _id: '{id}' }, store: 'main' } })
    })
    expect(run.recorded('refused')).toHaveLength(2)
    expect(await users().countDocuments()).toBe(1)
  })

  test('DUSTPAN_HAS_DEPENDENTS: a document is kept by references in fields, lists and subdocuments', async () => {
    await users().insertMany([{ _id: 1 }, { _id: 2 }, { _id: 3 }])
    await db.collection('orders').insertMany([{ userId: 1 }, { parties: [{ user: 2 }] }])
    const references = { orders: { userId: 'users', 'parties.user': 'users' } }
    const { run } = await tracked({ collection: 'users' }, [1, 2, 3], { references })
    expect(run.recorded('refused')).toEqual(['user 1', 'user 2'])
    expect(run.recorded('removed')).toEqual(['user 3'])
    expect(await users().countDocuments()).toBe(2)
  })

  test('DUSTPAN_HAS_DEPENDENTS: a document is kept although 10,000 others refer to another one', async () => {
    await users().insertMany([{ _id: 1 }, { _id: 2 }, { _id: 3 }])
    const orders = db.collection<{ _id?: unknown; userId: number }>('orders')
    await orders.insertMany(Array.from({ length: 10_000 }, () => ({ userId: 1 })))
    await orders.insertOne({ userId: 2 })
    const { run } = await tracked({ collection: 'users' }, [1, 2, 3], { references: { orders: { userId: 'users' } } })
    expect(run.recorded('refused')).toEqual(['user 1', 'user 2'])
    expect(await users().distinct('_id')).toEqual([1, 2])
  })

  test('a batch of 300 documents reports removed, already-gone and refused ones', async () => {
    const driver = createDriver(
      'main',
      { url },
      { root: import.meta.dirname, environment: 'test', functions: {} as never },
    )
    const context = { signal: new AbortController().signal, deadline: Date.now() + 10_000 }
    await using connection = await driver.connect({ driver: 'main', id: driver.ownStore?.() ?? '' }, context)
    const key = (n: number): Target => ({
      ...{ id: `${n}`, type: 'users', key: n, createdAt: 0, proof: { strength: 'exact', match: { run: 'r' } } },
      removal: { driver: 'main', op: 'delete-document', v: 1, args: { collection: 'users' } },
    })
    const targets = Array.from({ length: 300 }, (_, n) => key(n))
    await users().insertMany(targets.slice(2).map(({ key: n }) => ({ _id: n, run: n === 5 ? 'other' : 'r' })))
    const outcomes = await connection.remove(targets, context as RemovalContext)
    expect(outcomes.get('5')).toMatchObject({ state: 'refused', why: 'not-ours' })
    expect(outcomes.get('6')).toEqual({
      state: 'removed',
      result: 'of 299 documents 297 went, 2 were gone before',
    })
    expect(await users().distinct('_id')).toEqual([5])
    const second = await connection.remove(targets, context as RemovalContext)
    expect(second.get('6')).toMatchObject({ state: 'already-gone' })
  })

  test('DUSTPAN_INVALID_ARGUMENT: an invalid removal is refused by track()', async () => {
    const run = await beginTestRun({ url })
    const wrong = [
      {},
      { collection: '' },
      { collection: 'users', filter: {} },
      { collection: 'users', filter: { a: 1 } },
      { collection: 'users', idType: 'uuid' },
      { collection: 'users', key: 7 },
      { collection: 'users', update: { $set: { a: 1 } } },
      { collection: 'users', filter: { _id: '{id}' }, update: { a: 1 } },
      { collection: 'users', filter: { _id: '{id}' }, key: 'a' },
      { collection: 'users', table: 'users' },
      { collection: 'users', database: '' },
    ]
    await run.inTest(async () => {
      for (const remove of wrong)
        expect(() => track({ type: 'user', id: 7, remove: { store: 'main', ...remove } as never })).toThrow(
          expect.objectContaining({ code: 'DUSTPAN_INVALID_ARGUMENT' }),
        )
    })
  })

  test('a document is removed from the named database of the server only', async () => {
    const other = await server.database()
    const name = new URL(other).pathname.slice(1)
    const there = await strangerAt(other)
    await users().insertOne({ _id: 7 })
    await there.collection<{ _id: number }>('users').insertOne({ _id: 7 })
    await tracked({ collection: 'users', database: name }, [7])
    expect([await users().countDocuments(), await there.collection('users').countDocuments()]).toEqual([1, 0])
  })
})
