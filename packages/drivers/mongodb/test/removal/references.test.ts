/** What refers to a test's document is the test's where its ObjectId proves that it came later; all else stays, and holds the document. */
import { describeOn } from '@dustpan/conformance/servers/describe-on'
import type { RelateContext, Target } from '@dustpan/core/driver'
import * as library from 'mongodb'
import { type Db, ObjectId } from 'mongodb'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { createDriver } from '../../src/driver.ts'
import { type AnyCollection, beginTestRun, strangerAt, type TestRun } from '../run.ts'

const references = { orders: { userId: 'users', 'lines.productId': 'products' }, products: { owner: 'users' } }

describeOn('mongodb', 'references', (server) => {
  let url: string
  /** As somebody else sees it. */
  let db: Db
  const orders = (): AnyCollection => db.collection('orders')

  beforeEach(async () => {
    url = await server.database()
    db = await strangerAt(url)
  })

  const recorded = Date.now() - 20_000
  const second = Math.floor(recorded / 1000)
  const [ours, another] = ['a1b2c3d4e5', '0f1e2d3c4b']
  const idAt = (at: number, maker = ours, count = 7) =>
    new ObjectId(at.toString(16) + maker + count.toString(16).padStart(6, '0'))

  /** What hangs on a user that was recorded then. */
  const hanging = async (user: ObjectId, key = user.toHexString(), type = 'users') => {
    const context = { root: import.meta.dirname, environment: 'test', functions: {} as never }
    const driver = createDriver('main', { url, references }, context)
    const connecting = { signal: new AbortController().signal, deadline: Date.now() + 10_000 }
    await using connection = await driver.connect({ driver: 'main', id: driver.ownStore?.() ?? '' }, connecting)
    const target: Target = {
      ...{ id: '1', type, key, createdAt: recorded, proof: { strength: 'key-only' } },
      removal: { driver: 'main', op: 'delete-document', v: 1, args: { collection: type, idType: 'objectId' } },
    }
    await db.collection(type).insertOne({ _id: user })
    const relations = await connection.relate?.([target], { ...connecting, dependents: true } as RelateContext)
    return relations?.dependents.map(({ provenance }) => provenance)
  }

  test.for([
    ['of the same maker, counted on in the same second', 'after-parent', idAt(second, ours, 8)],
    ['of the same maker, counted on over the end', 'after-parent', idAt(second, ours, 1), idAt(second, ours, 0xffffff)],
    ['of the same maker, a second later', 'after-parent', idAt(second + 1, ours, 1)],
    ['of another maker, a second after the record', 'after-parent', idAt(second + 1, another)],
    ['a minute before', 'unproven', idAt(second - 60)],
    ['of the same maker, counted before', 'unproven', idAt(second, ours, 6)],
    ['of the same maker, counted before the end', 'unproven', idAt(second, ours, 0xffffff), idAt(second, ours, 1)],
    ['of another maker, in the same second', 'unproven', idAt(second, another, 9)],
    ['of another maker, between the ObjectId and its record', 'unproven', idAt(second - 5, another), idAt(second - 9)],
    ['in the time to come', 'unproven', idAt(second + 3_600)],
    ['written by hand', 'unproven', new ObjectId('aaaaaaaaaaaaaaaaaaaaaaaa')],
    ['made of a time alone', 'unproven', ObjectId.createFromTime(second + 5)],
    ['later, of a document whose ObjectId is older', 'unproven', idAt(second + 2), idAt(second - 3_600)],
    ['later, of a document whose ObjectId is ahead', 'unproven', idAt(second + 2), idAt(second + 3_600)],
    ['later, of an ObjectId by hand', 'unproven', idAt(second + 2), new ObjectId('507f1f77bcf86cd799439011')],
    ['later, of an ObjectId of a time alone', 'unproven', idAt(second + 2), ObjectId.createFromTime(second)],
    ['later, and is no ObjectId', 'unproven', 'o1'],
  ] as const)('a document %s is %s', async ([, provenance, _id, user = idAt(second)]) => {
    await orders().insertOne({ _id, userId: user })
    expect(await hanging(user)).toEqual([provenance])
  })

  test('a document that names by another field what is not the test’s stays with it; one that names nothing there goes', async () => {
    const after = (n: number) => idAt(second, ours, n)
    await orders().insertOne({ _id: after(8), userId: idAt(second), lines: [{ productId: 'of somebody' }] })
    expect(await hanging(idAt(second))).toEqual(['unproven'])
    await orders().updateOne({}, { $set: { lines: [{ productId: null }, {}] } })
    await db.collection('users').deleteMany({})
    expect(await hanging(idAt(second))).toEqual(['after-parent'])
  })

  test('a key that was tracked by hand, in capital letters', async () => {
    await orders().insertOne({ _id: idAt(second, ours, 0xaa), userId: idAt(second) })
    expect(await hanging(idAt(second), idAt(second).toHexString().toUpperCase())).toEqual(['after-parent'])
  })

  test('a list that names others too does not make a document the test’s', async () => {
    const product = idAt(second)
    await orders().insertMany([
      { _id: idAt(second + 1), lines: [{ productId: product }, { productId: idAt(second - 900) }] },
      { _id: idAt(second + 2), lines: [{ productId: product }, { productId: product }] },
    ])
    expect(await hanging(product, product.toHexString(), 'products')).toEqual([
      'unproven',
      'after-parent',
      'after-parent',
    ])
  })

  const begin = async (): Promise<[TestRun, Db]> => {
    const run = await beginTestRun({ url, references })
    run.session.deliver(library)
    const client = new library.MongoClient(url)
    onTestFinished(() => client.close())
    return [run, client.db()]
  }

  test('what provably came after goes with it', async () => {
    const [run, its] = await begin()
    await run.test(async () => {
      const { insertedId } = await its.collection('users').insertOne({})
      const [time, maker, count] = [
        insertedId.toHexString().slice(0, 8),
        insertedId.toHexString().slice(8, 18),
        insertedId.toHexString().slice(18),
      ]
      const next = ((Number.parseInt(count, 16) + 1) % 2 ** 24).toString(16).padStart(6, '0')
      await orders().insertOne({ _id: new ObjectId(time + maker + next), userId: insertedId })
    })
    expect(run.recorded('removed').map((one) => one.split(' ')[0])).toEqual(['users', 'orders'])
    expect(await orders().countDocuments()).toBe(0)
  })

  test.for([
    ['an ObjectId by hand, an order that was there', new ObjectId('507f1f77bcf86cd799439011'), new ObjectId()],
    ['a new ObjectId, an order that was there', new ObjectId(), idAt(second)],
    ['a new ObjectId, an order with one by hand', new ObjectId(), new ObjectId('aaaaaaaaaaaaaaaaaaaaaaaa')],
  ] as const)('DUSTPAN_HAS_DEPENDENTS: %s, which is given to the user: both stay', async ([, user, _id]) => {
    await orders().insertOne({ _id, text: 'of somebody' })
    const [run, its] = await begin()
    await run.test(async () => {
      await its.collection('users').insertOne({ _id: user })
      await its.collection('orders').updateOne({ _id }, { $set: { userId: user } })
    })
    expect(run.recorded('refused')).toEqual([`users ${user}`])
    expect(await orders().countDocuments()).toBe(1)
  })
})
