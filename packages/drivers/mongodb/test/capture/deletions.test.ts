/** A test's own deletions end exactly the records of the deleted documents. */
import { describeOn } from '@dustpan/conformance/servers/describe-on'
import * as library from 'mongodb'
import { type Db, MongoClient } from 'mongodb'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { type AnyCollection, beginTestRun, strangerAt, type TestRun } from '../run.ts'

describeOn('mongodb', 'deletions', (server) => {
  let url: string
  let run: TestRun
  let client: MongoClient
  let db: Db
  /** The same collection through another client that is not captured. */
  let others: AnyCollection

  beforeEach(async () => {
    url = await server.database()
    others = (await strangerAt(url)).collection('things')
    run = await beginTestRun({ url })
    run.session.deliver(library)
    client = new MongoClient(url)
    onTestFinished(() => client.close())
    db = client.db()
  })

  const things = (): AnyCollection => db.collection('things')
  const create = () => things().insertMany([1, 2, 3].map((n) => ({ _id: n, n })))

  test.for([
    ['deleteOne by _id', () => things().deleteOne({ _id: 1 })],
    ['deleteMany by a list of _ids', () => things().deleteMany({ _id: { $in: [1, 9] } })],
    ['deleteOne by a list of _ids', () => things().deleteOne({ _id: { $in: [1, 2] } })],
    ['deleteMany by a filter', () => things().deleteMany({ n: { $lt: 2 } })],
    ['deleteOne by another field', () => things().deleteOne({ n: 1 })],
    ['findOneAndDelete', () => things().findOneAndDelete({ n: 1 })],
    ['bulkWrite', () => things().bulkWrite([{ deleteOne: { filter: { n: 1 } } }, { deleteOne: { filter: { n: 9 } } }])],
  ] as const)('%s ends the record of the deleted document only', async ([, remove]) => {
    await run.inTest(async () => {
      await create()
      await remove()
    })
    expect(run.recorded()).toEqual(['things 2', 'things 3'])
  })

  test('a delete that matches nothing ends no record', async () => {
    await run.inTest(async () => {
      await create()
      await things().deleteOne({ _id: 1, n: 2 })
      await things().deleteMany({ n: 9 })
    })
    expect(run.recorded()).toHaveLength(3)
  })

  test.for([
    ['deleteMany', () => things().deleteMany({ n: 9 })],
    ['drop', () => things().drop()],
  ] as const)('%s ends no record of a collection that had the name before', async ([, remove]) => {
    await run.test(async () => {
      await create()
      await things().rename('others')
      await things().insertOne({ _id: 9, n: 9 })
      await remove()
    })
    expect(run.recorded('removed')).toEqual(['things 1', 'things 2', 'things 3'])
    expect(await db.collection('others').countDocuments()).toBe(0)
  })

  test.for([
    ['drop', () => things().drop()],
    ['dropCollection', () => db.dropCollection('things')],
    ['dropDatabase', () => db.dropDatabase()],
  ] as const)('%s ends the records of all documents in the collection', async ([, drop]) => {
    await run.inTest(async () => {
      await create()
      await drop()
    })
    expect(run.recorded()).toEqual([])
  })

  test('documents of a renamed collection are removed', async () => {
    const report = await run.test(async () => {
      await create()
      await things().rename('others')
    })
    expect(report?.totals).toMatchObject({ removed: 3 })
    expect(await db.collection('others').countDocuments()).toBe(0)
  })

  test('a document of the same key in a collection that another client recreated is refused', async () => {
    const stranger = await strangerAt(url)
    await run.test(async () => {
      await create()
      await stranger.dropCollection('things')
      await stranger.collection<{ _id: number }>('things').insertOne({ _id: 1 })
    })
    expect(run.recorded('refused')).toEqual(['things 1'])
    expect(run.recorded('already-gone')).toEqual(['things 2', 'things 3'])
    expect(await things().countDocuments()).toBe(1)
  })

  test('a document inserted right after another client dropped the collection is removed', async () => {
    const stranger = await strangerAt(url)
    await run.test(async () => {
      await things().insertOne({ _id: 1 })
      await stranger.dropCollection('things')
      await new Promise((resolve) => setTimeout(resolve, 30))
      await things().insertOne({ _id: 1 })
    })
    expect(run.recorded('refused')).toEqual([])
    expect(await things().countDocuments()).toBe(0)
  })

  const insertAgain = () => things().insertOne({ _id: 'pre', n: 0 })
  const mixed = [{ deleteOne: { filter: { _id: 'pre' } } }, { deleteOne: { filter: { n: 2 } } }]
  test.for([
    ['deleteOne by its _id', () => things().deleteOne({ _id: 'pre' })],
    ['deleteOne by its _id and another field', () => things().deleteOne({ _id: 'pre', n: 0 })],
    ['deleteMany by a list of ids', () => things().deleteMany({ _id: { $in: ['pre', 'other'] } })],
    ['deleteMany by _ids of which one does not exist', () => things().deleteMany({ _id: { $in: ['pre', 'none'] } })],
    ['deleteMany by _ids of which one is the test’s', () => things().deleteMany({ _id: { $in: ['pre', 1, 'none'] } })],
    ['findOneAndDelete by its id', () => things().findOneAndDelete({ _id: 'pre' })],
    ['findOneAndDelete by another field', () => things().findOneAndDelete({ n: 0 })],
    ['bulkWrite by ids and by another field', () => things().bulkWrite(mixed)],
  ] as const)('an existing document deleted and inserted again is not removed: %s', async ([, remove]) => {
    await others.insertMany([{ _id: 'pre', n: 0 }, { _id: 'other' }])
    await run.test(async () => {
      await create()
      await remove()
      await insertAgain()
    })
    expect(run.recorded('removed').filter((one) => one.endsWith('pre'))).toEqual([])
    expect(await others.distinct('_id', { n: { $exists: true } })).toEqual(['pre'])
  })

  test('DUSTPAN_WRITE_UNATTRIBUTED: _ids deleted together, of which only some existed, are not tracked again', async () => {
    await others.insertOne({ _id: 'pre' })
    await run.test(async () => {
      await things().deleteMany({ _id: { $in: ['pre', 'none'] } })
      await things().insertMany([{ _id: 'pre' }, { _id: 'none' }, { _id: 'new' }])
    })
    expect(await others.distinct('_id')).toEqual(['none', 'pre'])
    expect(run.warnings()).toEqual([expect.stringMatching(/^DUSTPAN_WRITE_UNATTRIBUTED: .*things/)])
  })

  test('a delete that removed only the test’s documents leaves the other _ids of its list trackable', async () => {
    await run.test(async () => {
      await create()
      await things().deleteMany({ _id: { $in: [1, 'none'] } })
      await things().insertOne({ _id: 'none' })
    })
    expect(run.warnings()).toEqual([])
    expect(await others.countDocuments()).toBe(0)
  })

  test.for([
    [
      'renamed away and back',
      async () => {
        await things().rename('elsewhere')
        await db.collection('elsewhere').rename('things')
      },
    ],
    [
      'renamed away and back in three steps',
      async () => {
        await things().rename('a')
        await db.collection('a').rename('b')
        await db.collection('b').rename('things')
      },
    ],
    [
      'renamed without success',
      async () => {
        await db.createCollection('taken')
        await expect(things().rename('taken')).rejects.toThrow()
      },
    ],
    [
      'replaced by another one of its name',
      async () => {
        await things().rename('elsewhere')
        await db.collection('source').rename('things')
      },
    ],
  ] as const)('an existing document is not removed in a collection that was %s', async ([, move]) => {
    await others.insertOne({ _id: 'pre', n: 0 })
    await others.db.collection<{ _id: string }>('source').insertOne({ _id: 'pre' })
    await run.test(async () => {
      await create()
      await move()
      await things().deleteOne({ _id: 'pre' })
      await insertAgain()
    })
    expect(run.recorded('removed')).toHaveLength(3)
    expect(await things().distinct('_id')).toEqual(['pre'])
  })

  test('a delete in a collection that was renamed away and back ends the record', async () => {
    await run.inTest(async () => {
      await create()
      await things().rename('elsewhere')
      await db.collection('elsewhere').rename('things')
      await things().deleteOne({ _id: 1 })
    })
    expect(run.recorded()).toEqual(['things 2', 'things 3'])
  })

  test('documents inserted right after another captured client dropped the collection are removed', async () => {
    const other = new MongoClient(url)
    onTestFinished(() => other.close())
    await other.connect()
    await run.test(async () => {
      for (let n = 0; n < 5; n++) {
        await things().insertOne({ _id: n })
        await other.db().collection('things').drop()
        await things().insertOne({ _id: n })
      }
    })
    expect(run.recorded('refused')).toEqual([])
    expect(await others.countDocuments()).toBe(0)
  })
})
