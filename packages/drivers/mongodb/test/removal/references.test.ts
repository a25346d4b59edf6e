/** A document that refers to a test's document is removed if its ObjectId proves that it is newer; otherwise both are kept. */
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
  /** The database through a client that is not captured. */
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

  /** The provenance of the documents that refer to a document recorded at `recorded`. */
  const provenanceOf = async (user: ObjectId, key = user.toHexString(), type = 'users') => {
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
    ['of the same process, with a higher counter in the same second', 'after-parent', idAt(second, ours, 8)],
    [
      'of the same process, with a counter that wrapped around',
      'after-parent',
      idAt(second, ours, 1),
      idAt(second, ours, 0xffffff),
    ],
    ['of the same process, a second later', 'after-parent', idAt(second + 1, ours, 1)],
    ['of another process, a second after the record', 'after-parent', idAt(second + 1, another)],
    ['a minute older', 'unproven', idAt(second - 60)],
    ['of the same process, with a lower counter', 'unproven', idAt(second, ours, 6)],
    [
      'of the same process, with a counter before the wrap-around',
      'unproven',
      idAt(second, ours, 0xffffff),
      idAt(second, ours, 1),
    ],
    ['of another process, in the same second', 'unproven', idAt(second, another, 9)],
    [
      'of another process, between the ObjectId and its record',
      'unproven',
      idAt(second - 5, another),
      idAt(second - 9),
    ],
    ['with a time in the future', 'unproven', idAt(second + 3_600)],
    ['with an ObjectId written by hand', 'unproven', new ObjectId('aaaaaaaaaaaaaaaaaaaaaaaa')],
    ['with an ObjectId made of a time only', 'unproven', ObjectId.createFromTime(second + 5)],
    ['that is newer, of a parent whose ObjectId is older', 'unproven', idAt(second + 2), idAt(second - 3_600)],
    ['that is newer, of a parent whose ObjectId is ahead', 'unproven', idAt(second + 2), idAt(second + 3_600)],
    [
      'that is newer, of a parent with an ObjectId written by hand',
      'unproven',
      idAt(second + 2),
      new ObjectId('507f1f77bcf86cd799439011'),
    ],
    [
      'that is newer, of a parent with an ObjectId made of a time only',
      'unproven',
      idAt(second + 2),
      ObjectId.createFromTime(second),
    ],
    ['whose _id is no ObjectId', 'unproven', 'o1'],
  ] as const)('a dependent %s is %s', async ([, provenance, _id, user = idAt(second)]) => {
    await orders().insertOne({ _id, userId: user })
    expect(await provenanceOf(user)).toEqual([provenance])
  })

  test('a dependent that also refers to an unrecorded document is unproven, one without that reference is not', async () => {
    const after = (n: number) => idAt(second, ours, n)
    await orders().insertOne({ _id: after(8), userId: idAt(second), lines: [{ productId: 'of somebody' }] })
    expect(await provenanceOf(idAt(second))).toEqual(['unproven'])
    await orders().updateOne({}, { $set: { lines: [{ productId: null }, {}] } })
    await db.collection('users').deleteMany({})
    expect(await provenanceOf(idAt(second))).toEqual(['after-parent'])
  })

  test('dependents of a key tracked in upper case are found', async () => {
    await orders().insertOne({ _id: idAt(second, ours, 0xaa), userId: idAt(second) })
    expect(await provenanceOf(idAt(second), idAt(second).toHexString().toUpperCase())).toEqual(['after-parent'])
  })

  test('a dependent whose list also names other documents is unproven', async () => {
    const product = idAt(second)
    await orders().insertMany([
      { _id: idAt(second + 1), lines: [{ productId: product }, { productId: idAt(second - 900) }] },
      { _id: idAt(second + 2), lines: [{ productId: product }, { productId: product }] },
    ])
    expect(await provenanceOf(product, product.toHexString(), 'products')).toEqual([
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

  test('a dependent proven to be newer is removed with its parent', async () => {
    const [run, captured] = await begin()
    await run.test(async () => {
      const { insertedId } = await captured.collection('users').insertOne({})
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
    [
      'parent with an ObjectId written by hand, existing dependent',
      new ObjectId('507f1f77bcf86cd799439011'),
      new ObjectId(),
    ],
    ['parent with a new ObjectId, existing dependent', new ObjectId(), idAt(second)],
    [
      'parent with a new ObjectId, existing dependent with one written by hand',
      new ObjectId(),
      new ObjectId('aaaaaaaaaaaaaaaaaaaaaaaa'),
    ],
  ] as const)('DUSTPAN_HAS_DEPENDENTS: both are kept: %s', async ([, user, _id]) => {
    await orders().insertOne({ _id, text: 'of somebody' })
    const [run, captured] = await begin()
    await run.test(async () => {
      await captured.collection('users').insertOne({ _id: user })
      await captured.collection('orders').updateOne({ _id }, { $set: { userId: user } })
    })
    expect(run.recorded('refused')).toEqual([`users ${user}`])
    expect(await orders().countDocuments()).toBe(1)
  })
})
