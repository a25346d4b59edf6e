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

  beforeEach(async () => {
    url = await server.database()
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
})
