/** Existing documents that a test deletes and inserts again are unchanged after the test. */
import { createRequire } from 'node:module'
import { freshCopy } from '@dustpan/conformance/drivers'
import { describeOn } from '@dustpan/conformance/servers/describe-on'
import { track } from '@dustpan/core'
import * as library from 'mongodb'
import { type Db, MongoClient, ObjectId } from 'mongodb'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { type AnyCollection, beginTestRun, strangerAt, type TestRun } from '../run.ts'

const old = new ObjectId('65a1b2c3d4e5f6a7b8c9d0e1')

describeOn('mongodb', 'documents deleted and inserted again', (server) => {
  let url: string
  let run: TestRun
  let db: Db
  let stranger: Db

  beforeEach(async () => {
    url = await server.database()
    stranger = await strangerAt(url)
    await begin()
    const client = new MongoClient(url)
    onTestFinished(() => client.close())
    db = client.db()
  })

  const begin = async (options: object = {}) => {
    run = await beginTestRun({ url, ...options })
    run.session.deliver(library)
  }
  const things = (): AnyCollection => db.collection('things')
  const fixtures = [
    { _id: 7, n: 1 },
    { _id: 'pre', n: 1 },
    { _id: old, n: 2 },
  ]
  const restore = () => things().insertMany(fixtures.map((one) => ({ ...one })))
  const all = async () => {
    const found: string[] = []
    for (const { name } of await stranger.listCollections().toArray())
      for (const one of await stranger.collection(name).find().toArray())
        found.push(`${name} ${library.BSON.EJSON.stringify(one)}`)
    return found.sort()
  }
  const restoring = fixtures.map((document) => ({ insertOne: { document } }))
  const before = async () => {
    await stranger.collection('things').insertMany(fixtures as never)
    await stranger.collection('others').insertOne({ _id: 'other' } as never)
    return await all()
  }

  test.for<[string, () => Promise<unknown>]>([
    [
      'deleteMany({})',
      async () => {
        await things().deleteMany({})
        await restore()
      },
    ],
    [
      'deleteMany by another field',
      async () => {
        await things().deleteMany({ n: { $gt: 0 } })
        await restore()
      },
    ],
    [
      'deleteMany together with documents of the test',
      async () => {
        await things().insertOne({ n: 9 })
        await things().deleteMany({})
        await restore()
        await things().insertOne({ n: 9 })
      },
    ],
    [
      'deleteOne by another field',
      async () => {
        await things().deleteOne({ n: 2 })
        await things().insertOne({ ...fixtures[2] })
      },
    ],
    [
      'deleteOne by a field value that several documents have',
      async () => {
        await things().deleteOne({ n: 1 })
        const gone = (await stranger.collection('things').countDocuments({ _id: 7 } as never)) === 0
        await things().insertOne({ ...(gone ? fixtures[0] : fixtures[1]) })
      },
    ],
    [
      'deleteMany of a list of _ids and by another field',
      async () => {
        await things().bulkWrite([
          { deleteMany: { filter: { _id: { $in: [7, 'none'] } } } },
          { deleteMany: { filter: { n: { $gt: 0 } } } },
        ])
        await restore()
      },
    ],
    [
      'upserts after deleteMany({})',
      async () => {
        await things().deleteMany({})
        for (const { _id, n } of fixtures) await things().updateOne({ _id }, { $set: { n } }, { upsert: true })
      },
    ],
    [
      'replaceOne with upsert after deleteMany({})',
      async () => {
        await things().deleteMany({})
        for (const { _id, n } of fixtures) await things().replaceOne({ _id }, { n }, { upsert: true })
      },
    ],
    [
      'findOneAndReplace with upsert after findOneAndDelete',
      async () => {
        await things().findOneAndDelete({ n: 2 })
        await things().findOneAndReplace({ _id: old }, { n: 2 }, { upsert: true })
      },
    ],
    ['bulkWrite in one call', () => things().bulkWrite([{ deleteMany: { filter: {} } }, ...restoring])],
    [
      'bulkWrite in one call, of one by another field',
      () => things().bulkWrite([{ deleteOne: { filter: { n: 2 } } }, restoring[2] as (typeof restoring)[0]]),
    ],
    [
      'drop() and createCollection()',
      async () => {
        await things().drop()
        await db.createCollection('things')
        await restore()
      },
    ],
    [
      'dropDatabase()',
      async () => {
        await db.dropDatabase()
        await restore()
        await db.collection('others').insertOne({ _id: 'other' } as never)
      },
    ],
  ])('existing documents are not removed after %s', async ([, work]) => {
    const first = await before()
    await run.test(work)
    expect(await all()).toEqual(first)
    expect(run.warnings()).toEqual([])
  })

  test.for<[string, () => Promise<unknown>]>([
    ['a deleteMany({})', () => db.collection('aside').deleteMany({})],
    ['a deleteOne by _id', () => (db.collection('aside') as AnyCollection).deleteOne({ _id: 'pre' })],
  ])('DUSTPAN_WRITE_UNATTRIBUTED: %s while their collection had another name', async ([, remove]) => {
    const first = await before()
    await run.test(async () => {
      await things().rename('aside')
      await remove()
      await db.collection('aside').rename('things')
      await things()
        .bulkWrite(
          fixtures.map((document) => ({ insertOne: { document } })),
          { ordered: false },
        )
        .catch(() => {})
      await things().insertOne({ n: 9 })
    })
    expect(await all()).toEqual(first)
    expect(run.warnings()).toEqual([expect.stringMatching(/^DUSTPAN_WRITE_UNATTRIBUTED: .*things/)])
  })

  test('DUSTPAN_WRITE_UNATTRIBUTED: after a delete of 10,001 documents written _ids are not tracked', async () => {
    const many = Array.from({ length: 10_001 }, (_, n) => ({ _id: n }))
    await stranger.collection('things').insertMany(many as never)
    await run.test(async () => {
      await things().deleteMany({})
      await things().insertMany(many.slice(0, 3))
      await things().insertMany([{ n: 1 }, { n: 2 }])
      await things().updateOne({ n: 3 }, { $set: { n: 4 } }, { upsert: true })
      await things().updateOne({ _id: old }, { $set: { n: 4 } }, { upsert: true })
    })
    expect(await things().distinct('_id')).toEqual([0, 1, 2, old])
    expect(run.recorded('removed')).toHaveLength(3)
    expect(run.warnings()).toEqual([expect.stringMatching(/^DUSTPAN_WRITE_UNATTRIBUTED: .*things/)])
    expect(run.intents()).toEqual([])
  })

  test('after a large delete generated _ids of another copy of the library are tracked, written ones are not', async () => {
    const many = Array.from({ length: 10_001 }, (_, n) => ({ _id: n }))
    await stranger.collection('things').insertMany(many as never)
    const theirs = new ObjectId()
    await run.test(() => things().deleteMany({}))
    const another = freshCopy<typeof library>(createRequire(import.meta.url), 'mongodb')
    run.session.deliver(another)
    const client = await another.MongoClient.connect(url)
    onTestFinished(() => client.close())
    await run.test(async () => {
      await client
        .db()
        .collection('things')
        .insertMany([{ n: 1 }, { n: 2 }])
      await client
        .db()
        .collection('things')
        .insertOne({ _id: theirs as never, n: 3 })
    })
    expect(await things().distinct('n')).toEqual([3])
    expect(run.warnings()).toHaveLength(1)
  })

  test('a delete of one test does not end the record of another test’s document that still exists', async () => {
    const [one, other] = [run.openTest('one'), run.openTest('another')]
    await one.run(() => things().insertOne({ _id: 1, n: 1 }))
    await other.run(() => things().insertOne({ _id: 2, n: 1 }))
    await one.run(() => things().deleteOne({ n: 1 }))
    expect(run.recorded()).toEqual(['things 2'])
    for (const scope of [one, other]) await scope.close('passed', { willRetry: false })
    expect(await all()).toEqual([])
  })

  test('documents with an _id that did not exist before are removed after a deleteMany', async () => {
    await stranger.collection('things').insertOne({ _id: 'pre' } as never)
    await run.test(async () => {
      await things().deleteMany({})
      await things().insertMany([{ _id: old }, { _id: 'new' }])
    })
    expect(run.recorded('removed')).toHaveLength(2)
    expect(run.warnings()).toEqual([])
  })

  test('existing documents inserted again get no mark', async () => {
    const first = await before()
    await run.end()
    await begin({ mark: true })
    await run.test(async () => {
      await things().deleteMany({})
      await things().insertMany(fixtures.slice(0, 2).map((one) => ({ ...one })))
      await things().updateOne({ _id: old }, { $set: { n: 2 } }, { upsert: true })
    })
    expect(await all()).toEqual(first)
  })

  const digits = String(old)
  test.for<[string, unknown, unknown]>([
    ['a number and its text', 7, '7'],
    ['a boolean and its text', true, 'true'],
    ['a document and its text', { a: 1 }, '{"a":1}'],
  ])('the _ids of %s are different documents', async ([, one, other]) => {
    for (const [own, others] of [
      [one, other],
      [other, one],
    ]) {
      await stranger.collection('things').insertOne({ _id: others, n: 0 } as never)
      const first = await all()
      const close = await run.inTest(async () => {
        await things().insertOne({ _id: own })
        await things().deleteOne({ _id: others })
        expect(run.recorded()).toHaveLength(1)
        await things().insertOne({ _id: others, n: 0 })
      })
      expect(run.recorded()).toHaveLength(1)
      await close()
      expect(await all()).toEqual(first)
      await run.test(async () => {
        await things().deleteOne({ _id: others })
        await things().insertOne({ _id: own })
        await things().insertOne({ _id: others, n: 0 })
      })
      expect(await all()).toEqual(first)
      await stranger.collection('things').deleteMany({})
    }
    expect(run.warnings()).toEqual([])
  })

  test.for([
    ['an ObjectId', old, digits],
    ['the digits of an ObjectId', digits, old],
  ] as const)(
    'a document is removed when the test deleted the _id of the other type with equal digits: %s',
    async ([, own, others]) => {
      await stranger.collection('things').insertOne({ _id: others, n: 0 } as never)
      await run.test(async () => {
        await things().deleteOne({ _id: others })
        await things().insertOne({ _id: own })
      })
      expect(run.recorded('removed')).toEqual([`things ${digits}`])
      expect(await all()).toEqual([])
    },
  )

  test('a number and its text as _ids of two concurrent tests are different documents', async () => {
    const [one, other] = [run.openTest('one'), run.openTest('another')]
    await one.run(() => things().insertOne({ _id: 7 }))
    await other.run(() => things().insertOne({ _id: '7' }))
    await one.close('passed', { willRetry: false })
    expect(await stranger.collection('things').distinct('_id')).toEqual(['7'])
    await other.close('passed', { willRetry: false })
    expect(await all()).toEqual([])
  })

  test('a large integer _id is the same document as Long and as Double', async () => {
    await stranger.collection('things').insertOne({ _id: 2 ** 53 } as never)
    await run.test(async () => {
      await things().deleteOne({ _id: library.Long.fromString('9007199254740992') })
      await things().insertOne({ _id: new library.Double(2 ** 53) })
    })
    expect(await all()).toHaveLength(1)
  })

  test('a document tracked by hand as shared is not removed, with another type of key', async () => {
    await run.test(async () => {
      await things().insertMany([{ _id: 7 }, { _id: old }])
      track({ type: 'things', id: '7', shared: true, remove: { collection: 'things' } })
      track({ type: 'things', id: digits, shared: true, remove: { collection: 'things' } })
    })
    expect(await all()).toHaveLength(2)
  })

  test('a document tracked by hand as shared is not removed, under another type name', async () => {
    await run.test(async () => {
      await things().insertMany([{ _id: 7 }, { _id: 8 }])
      track({ type: 'a thing', id: 7, shared: true, remove: { collection: 'things' } })
    })
    expect(await all()).toHaveLength(1)
  })
})
