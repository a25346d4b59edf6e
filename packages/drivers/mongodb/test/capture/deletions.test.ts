/** What a test deletes itself is struck off, and no more. */
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
  /** The same collection, as somebody else sees it. */
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
    ['by its id', () => things().deleteOne({ _id: 1 })],
    ['by a list of ids', () => things().deleteMany({ _id: { $in: [1, 9] } })],
    ['one of a list of ids', () => things().deleteOne({ _id: { $in: [1, 2] } })],
    ['by a filter', () => things().deleteMany({ n: { $lt: 2 } })],
    ['by a filter on one', () => things().deleteOne({ n: 1 })],
    ['findOneAndDelete', () => things().findOneAndDelete({ n: 1 })],
    ['bulkWrite', () => things().bulkWrite([{ deleteOne: { filter: { n: 1 } } }, { deleteOne: { filter: { n: 9 } } }])],
  ] as const)('%s', async ([, remove]) => {
    await run.inTest(async () => {
      await create()
      await remove()
    })
    expect(run.recorded()).toEqual(['things 2', 'things 3'])
  })

  test('what matches nothing strikes nothing off', async () => {
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
  ] as const)('%s strikes off nothing of a collection that had this name before', async ([, remove]) => {
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
  ] as const)('%s strikes off all that was in it', async ([, drop]) => {
    await run.inTest(async () => {
      await create()
      await drop()
    })
    expect(run.recorded()).toEqual([])
  })

  test('a collection that was renamed is found by what does not change', async () => {
    const report = await run.test(async () => {
      await create()
      await things().rename('others')
    })
    expect(report?.totals).toMatchObject({ removed: 3 })
    expect(await db.collection('others').countDocuments()).toBe(0)
  })

  test('a collection that was dropped and made anew elsewhere: what has the same key there now is left', async () => {
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

  test('an insert right after another process made the collection anew is of the new one', async () => {
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

  const again = () => things().insertOne({ _id: 'pre', n: 0 })
  const mixed = [{ deleteOne: { filter: { _id: 'pre' } } }, { deleteOne: { filter: { n: 2 } } }]
  test.for([
    ['deleteOne by its id', () => things().deleteOne({ _id: 'pre' })],
    ['deleteOne by its id and more', () => things().deleteOne({ _id: 'pre', n: 0 })],
    ['deleteMany by a list of ids', () => things().deleteMany({ _id: { $in: ['pre', 'other'] } })],
    ['deleteMany by ids of which one is not there', () => things().deleteMany({ _id: { $in: ['pre', 'none'] } })],
    ['deleteMany by ids of which one is the test’s', () => things().deleteMany({ _id: { $in: ['pre', 1, 'none'] } })],
    ['findOneAndDelete by its id', () => things().findOneAndDelete({ _id: 'pre' })],
    ['findOneAndDelete by another field', () => things().findOneAndDelete({ n: 0 })],
    ['bulkWrite by ids and by another field', () => things().bulkWrite(mixed)],
  ] as const)('what was there before, and is deleted and made again, is not the test’s: %s', async ([, remove]) => {
    await others.insertMany([{ _id: 'pre', n: 0 }, { _id: 'other' }])
    await run.test(async () => {
      await create()
      await remove()
      await again()
    })
    expect(run.recorded('removed').filter((one) => one.endsWith('pre'))).toEqual([])
    expect(await others.distinct('_id', { n: { $exists: true } })).toEqual(['pre'])
  })

  test('DUSTPAN_WRITE_UNATTRIBUTED: which of several ids were there is not told', async () => {
    await others.insertOne({ _id: 'pre' })
    await run.test(async () => {
      await things().deleteMany({ _id: { $in: ['pre', 'none'] } })
      await things().insertMany([{ _id: 'pre' }, { _id: 'none' }, { _id: 'new' }])
    })
    expect(await others.distinct('_id')).toEqual(['none', 'pre'])
    expect(run.warnings()).toEqual([expect.stringMatching(/^DUSTPAN_WRITE_UNATTRIBUTED: .*things/)])
  })

  test('a delete of several ids says nothing of what was not there, where the test’s own are as many as went', async () => {
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
      'renamed away and back by a detour',
      async () => {
        await things().rename('a')
        await db.collection('a').rename('b')
        await db.collection('b').rename('things')
      },
    ],
    [
      'renamed in vain',
      async () => {
        await db.createCollection('taken')
        await expect(things().rename('taken')).rejects.toThrow()
      },
    ],
    [
      'made of another one, which got its name',
      async () => {
        await things().rename('elsewhere')
        await db.collection('source').rename('things')
      },
    ],
  ] as const)('what was there before is not the test’s in a collection that was %s', async ([, move]) => {
    await others.insertOne({ _id: 'pre', n: 0 })
    await others.db.collection<{ _id: string }>('source').insertOne({ _id: 'pre' })
    await run.test(async () => {
      await create()
      await move()
      await things().deleteOne({ _id: 'pre' })
      await again()
    })
    expect(run.recorded('removed')).toHaveLength(3)
    expect(await things().distinct('_id')).toEqual(['pre'])
  })

  test('a collection that was renamed away and back: what the test deletes is struck off', async () => {
    await run.inTest(async () => {
      await create()
      await things().rename('elsewhere')
      await db.collection('elsewhere').rename('things')
      await things().deleteOne({ _id: 1 })
    })
    expect(run.recorded()).toEqual(['things 2', 'things 3'])
  })

  test('a collection that another client drops: what is made in it at once is of the new one', async () => {
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
