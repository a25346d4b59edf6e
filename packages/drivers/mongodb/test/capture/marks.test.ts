/** Documents marked as created by a test; the user's objects and responses stay unchanged. */
import { describeOn } from '@dustpan/conformance/servers/describe-on'
import type { Db, ObjectId } from 'mongodb'
import * as library from 'mongodb'
import { expect, onTestFinished, test } from 'vitest'
import { beginTestRun, strangerAt, type TestRun, versions } from '../run.ts'

describeOn('mongodb', 'marks', (server) => {
  let run: TestRun
  let db: Db
  let others: Db

  const begin = async (mark: unknown, of: typeof library = library, config: object = {}) => {
    const url = await server.database()
    run = await beginTestRun({ url, mark }, config)
    run.session.deliver(of)
    const client = new of.MongoClient(url)
    onTestFinished(() => client.close())
    others = await strangerAt(url)
    db = client.db()
  }
  const stored = () => others.collection('things').find().toArray()

  test.for(Object.entries(versions))(
    'an insert marks the stored documents with run, flag and tag, with %s',
    async ([, of]) => {
      await begin({ tags: 'tags', flag: 'isTest' }, of)
      const documents: { [field: string]: unknown }[] = [
        { n: 1 },
        { n: 2, tags: ['a'], test_run_id: 'mine' },
        { tags: 'a' },
      ]
      await run.inTest(() => db.collection('things').insertMany(documents))
      expect(documents.map((one) => Object.keys(one).sort())).toEqual([
        ['_id', 'n'],
        ['_id', 'n', 'tags', 'test_run_id'],
        ['_id', 'tags'],
      ])
      const marks = { created_by_test: true, test_created_at: expect.any(Date), isTest: true, _id: expect.anything() }
      expect(await stored()).toEqual([
        { n: 1, ...marks, test_run_id: run.id, tags: ['test-data'] },
        { n: 2, ...marks, test_run_id: 'mine', tags: ['a', 'test-data'] },
        { ...marks, test_run_id: run.id, tags: 'a' },
      ])
    },
  )

  test('an upsert marks the inserted document, not an updated one', async () => {
    await begin(true)
    await others.collection<{ _id: number }>('things').insertOne({ _id: 1 })
    await run.inTest(async () => {
      const things = db.collection<{ _id: number; n?: number }>('things')
      for (const _id of [1, 2]) await things.updateOne({ _id }, { $set: { n: 1 } }, { upsert: true })
    })
    expect(await stored()).toMatchObject([
      { _id: 1, n: 1 },
      { _id: 2, n: 1, test_run_id: run.id },
    ])
    expect((await stored())[0]).toEqual({ _id: 1, n: 1 })
  })

  test('a document whose mark was changed is refused, not removed', async () => {
    await begin(true)
    await run.test(async () => {
      const { insertedId } = await db.collection('things').insertOne({})
      await db.collection('things').insertOne({})
      await others.collection('things').updateOne({ _id: insertedId }, { $set: { test_run_id: 'another' } })
    })
    expect([run.recorded('refused').length, run.recorded('removed').length]).toEqual([1, 1])
  })

  type Things = ReturnType<Db['collection']>
  test.for([
    ['replaceOne', (all: Things, _id: ObjectId) => all.replaceOne({ _id }, { n: 2 })],
    [
      'replaceOne with upsert',
      (all: Things, _id: ObjectId) => all.replaceOne({ _id, n: 1 }, { n: 2 }, { upsert: true }),
    ],
    ['findOneAndReplace', (all: Things, _id: ObjectId) => all.findOneAndReplace({ _id }, { n: 2 })],
    [
      'bulkWrite',
      (all: Things, _id: ObjectId) => all.bulkWrite([{ replaceOne: { filter: { _id }, replacement: { n: 2 } } }]),
    ],
  ] as const)('a replaced document of the test keeps its mark, an existing one gets none: %s', async ([, replace]) => {
    await begin(true)
    const { insertedId } = await others.collection('things').insertOne({ n: 1 })
    await run.test(async () => {
      const own = await db.collection('things').insertOne({ n: 1 })
      for (const id of [insertedId, own.insertedId]) await replace(db.collection('things'), id)
      expect(await stored()).toMatchObject([{ n: 2 }, { n: 2, test_run_id: run.id, created_by_test: true }])
    })
    expect(run.recorded('removed')).toHaveLength(1)
    expect(await stored()).toEqual([{ _id: insertedId, n: 2 }])
    expect(run.warnings()).toEqual([])
  })

  test('DUSTPAN_ROWS_UNMARKED: a document of the test that is replaced by another field than _id', async () => {
    await begin(true)
    await run.test(async () => {
      await db.collection('others').insertOne({ n: 1 })
      await db.collection('things').replaceOne({ n: 1 }, { n: 2 })
      expect(run.warnings()).toEqual([])
      await db.collection('things').insertOne({ n: 1 })
      await db.collection('things').replaceOne({ n: 1 }, { n: 2 })
    })
    expect(run.recorded('refused')).toHaveLength(1)
    expect(run.warnings()).toEqual([expect.stringMatching(/^DUSTPAN_ROWS_UNMARKED: .*things/)])
  })

  test('the first document of a collection that is then renamed is removed', async () => {
    await begin(true)
    await run.test(async () => {
      await db.collection('things').insertOne({})
      await db.collection('things').rename('others')
    })
    expect(await others.collection('others').countDocuments()).toBe(0)
  })

  test('findOneAndUpdate with upsert marks the inserted document', async () => {
    await begin({ tags: 'tags' })
    await run.inTest(() => db.collection('things').findOneAndUpdate({ n: 1 }, { $set: { m: 1 } }, { upsert: true }))
    expect(await stored()).toMatchObject([{ n: 1, m: 1, test_run_id: run.id, tags: ['test-data'] }])
  })

  test('marks are off by default and for other collections, and lack the run without metadata.columns', async () => {
    await begin(undefined)
    await run.inTest(() => db.collection('things').insertOne({ n: 1 }))
    expect(Object.keys((await stored())[0] ?? {})).toEqual(['_id', 'n'])
    await run.end()
    await begin({ flag: 'isTest', collections: ['things'] }, library, { metadata: { columns: false } })
    await run.inTest(async () => {
      await db.collection('things').insertOne({ n: 1 })
      await db.collection('others').insertOne({ n: 1 })
    })
    expect(Object.keys((await stored())[0] ?? {})).toEqual(['_id', 'n', 'isTest'])
    expect(Object.keys((await others.collection('others').findOne()) ?? {})).toEqual(['_id', 'n'])
  })
})
