/** Documents that clients create are on record when the client gets the response. */
import { describeOn } from '@dustpan/conformance/servers/describe-on'
import type { Db, MongoClient } from 'mongodb'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { type AnyCollection, beginTestRun, strangerAt, type TestRun, versions } from '../run.ts'

describeOn('mongodb', 'inserts', (server) => {
  describe.for(Object.entries(versions))('%s', ([, library]) => {
    let url: string
    let run: TestRun
    let client: MongoClient
    let db: Db
    let users: AnyCollection
    /** The same collection through another client that is not captured. */
    let others: AnyCollection

    beforeEach(async () => {
      url = await server.database()
      run = await beginTestRun({ url })
      run.session.deliver(library)
      client = new library.MongoClient(url)
      onTestFinished(() => client.close())
      db = client.db()
      users = db.collection('users')
      others = (await strangerAt(url)).collection('users')
    })

    test('insertOne tracks the document and leaves the response and the object unchanged', async () => {
      const user: { name: string; _id?: unknown } = { name: 'Ada' }
      await run.inTest(async () => {
        const { acknowledged, insertedId } = await users.insertOne(user)
        expect({ acknowledged, insertedId }).toEqual({ acknowledged: true, insertedId: user._id })
      })
      expect(Object.keys(user)).toEqual(['name', '_id'])
      expect(run.recorded()).toEqual([`users ${user._id}`])
      expect(await users.findOne({})).toEqual(user)
    })

    test('a document with toBSON() or a Map as _id is recorded by the _id that is sent', async () => {
      const document = Object.assign(Object.create({ toBSON: () => ({ _id: 'sent' }) }), { n: 1 })
      await run.test(async () => {
        await users.insertOne(document)
        await users.insertOne({ _id: { toBSON: () => 'own' } })
        await users.insertOne({ _id: new Map([['b', { a: 1 }]]) })
      })
      expect(run.recorded('removed')).toEqual(['users sent', 'users own', 'users {"b":{"a":1}}'])
      expect(await others.countDocuments()).toBe(0)
    })

    test('with ignoreUndefined a document is recorded by the _id that is sent', async () => {
      const omitting = new library.MongoClient(url, { ignoreUndefined: true })
      onTestFinished(() => omitting.close())
      const own: AnyCollection = omitting.db().collection('users')
      await run.test(async () => {
        await own.insertOne({ _id: { a: 1, b: undefined, c: { d: undefined } } })
        await users.insertOne({ _id: { a: 2, b: undefined } })
      })
      expect(run.recorded('removed')).toEqual(['users {"a":1,"c":{}}', 'users {"a":2,"b":null}'])
      expect(await others.countDocuments()).toBe(0)
    })

    test('documents of insertMany are removed when the test has passed', async () => {
      await run.test(() => users.insertMany([{ name: 'a' }, { name: 'b' }, { name: 'c' }]))
      expect(run.recorded('removed')).toHaveLength(3)
      expect(await users.countDocuments()).toBe(0)
    })

    test.for([
      [true, [1, 2]],
      [false, [1, 2, 3]],
    ] as const)(
      'an insertMany with a duplicate tracks the inserted documents only, ordered: %s',
      async ([ordered, inserted]) => {
        await others.insertOne({ _id: 9 })
        await run.inTest(async () => {
          const documents = [{ _id: 1 }, { _id: 2 }, { _id: 9 }, { _id: 3 }]
          await expect(users.insertMany(documents, { ordered })).rejects.toMatchObject({ code: 11_000 })
        })
        expect(run.recorded()).toEqual(inserted.map((id) => `users ${id}`))
        expect((await users.distinct('_id')).length).toBe(inserted.length + 1)
        expect(run.intents()).toEqual([])
      },
    )

    test('a failed insertOne tracks nothing and leaves no intent', async () => {
      await others.insertOne({ _id: 9 })
      await run.inTest(() => expect(users.insertOne({ _id: 9 })).rejects.toMatchObject({ code: 11_000 }))
      expect(run.recorded()).toEqual([])
      expect(run.intents()).toEqual([])
    })

    test('bulkWrite tracks inserted and upserted documents, not updated ones', async () => {
      await others.insertMany([{ _id: 1 }, { _id: 2 }])
      await run.inTest(() =>
        users.bulkWrite([
          { insertOne: { document: { _id: 10 } } },
          { updateOne: { filter: { _id: 1 }, update: { $set: { n: 1 } }, upsert: true } },
          { updateOne: { filter: { _id: 11 }, update: { $set: { n: 1 } }, upsert: true } },
          { replaceOne: { filter: { _id: 12 }, replacement: { n: 2 }, upsert: true } },
          { insertOne: { document: { _id: 13 } } },
        ]),
      )
      expect([...run.recorded()].sort()).toEqual(['users 10', 'users 11', 'users 12', 'users 13'])
    })

    test.for([
      ['updateOne', (all: AnyCollection, _id: number) => all.updateOne({ _id }, { $set: { n: 1 } }, { upsert: true })],
      [
        'updateMany',
        (all: AnyCollection, _id: number) => all.updateMany({ _id }, { $set: { n: 1 } }, { upsert: true }),
      ],
      ['replaceOne', (all: AnyCollection, _id: number) => all.replaceOne({ _id }, { n: 1 }, { upsert: true })],
      [
        'findOneAndUpdate',
        (all: AnyCollection, _id: number) => all.findOneAndUpdate({ _id }, { $set: { n: 1 } }, { upsert: true }),
      ],
      [
        'findOneAndReplace',
        (all: AnyCollection, _id: number) => all.findOneAndReplace({ _id }, { n: 1 }, { upsert: true }),
      ],
    ] as const)('%s with upsert tracks a new document, not an existing one', async ([, upsert]) => {
      await others.insertOne({ _id: 1 })
      await run.inTest(async () => {
        await upsert(users, 1)
        await upsert(users, 2)
      })
      expect(run.recorded()).toEqual(['users 2'])
      expect(run.intents()).toEqual([])
    })

    test('GridFS: a file and its chunks are tracked', async () => {
      await run.inTest(async () => {
        const upload = new library.GridFSBucket(db, { chunkSizeBytes: 4 }).openUploadStream('a.txt')
        upload.end('0123456789')
        await new Promise((resolve, reject) => upload.once('finish', resolve).once('error', reject))
      })
      expect(
        run
          .recorded()
          .map((one) => one.split(' ')[0])
          .sort(),
      ).toEqual(['fs.chunks', 'fs.chunks', 'fs.chunks', 'fs.files'])
    })

    test('an insert sent with db.command() is tracked', async () => {
      await run.inTest(() => db.command({ insert: 'users', documents: [{ _id: 5 }] }))
      expect(run.recorded()).toEqual(['users 5'])
    })

    test.for(['findAndModify', 'findandmodify'])(
      'an upsert sent with db.command() as %s is tracked, an existing document removed by it is not',
      async (name) => {
        const update = { $set: { n: 1 } }
        await run.inTest(() => db.command({ [name]: 'users', query: { _id: 5 }, update, upsert: true }))
        expect(run.recorded()).toEqual(['users 5'])
        await others.insertOne({ _id: 6 })
        await run.inTest(async () => {
          await db.command({ [name]: 'users', query: { _id: 6 }, remove: true })
          await users.insertOne({ _id: 6 })
        })
        expect(run.recorded()).toEqual(['users 5'])
      },
    )

    test('DUSTPAN_WRITE_UNATTRIBUTED: an _id whose field order no object can keep is not tracked', async () => {
      await run.test(async () => {
        await users.insertOne({
          _id: new Map([
            ['b', 1],
            ['1', 2],
          ]),
        })
        await users.insertOne({
          _id: new Map([
            ['1', 1],
            ['b', 2],
          ]),
        })
      })
      expect(run.recorded('removed')).toEqual(['users {"1":1,"b":2}'])
      expect(run.warnings()).toEqual([expect.stringMatching(/^DUSTPAN_WRITE_UNATTRIBUTED: .*users.*order/)])
      expect(await others.countDocuments()).toBe(1)
    })

    test('inserts of a client that connected before the test are tracked', async () => {
      await client.connect()
      await run.inTest(() => users.insertOne({ _id: 1 }))
      expect(run.recorded()).toEqual(['users 1'])
    })

    test('fifty concurrent tests on a pool of two connections each track their own documents', async () => {
      const other = new library.MongoClient(url, { maxPoolSize: 2 })
      onTestFinished(() => other.close())
      const ends = await Promise.all(
        Array.from({ length: 50 }, (_, n) =>
          run.inTest(() => other.db().collection('users').insertMany([{ n }, { n }])),
        ),
      )
      const resources = [...run.folded().resources.values()]
      expect(new Set(resources.map(({ scope }) => scope)).size).toBe(50)
      const stored = new Map((await users.find().toArray()).map(({ _id, n }) => [String(_id), n]))
      const ofScope = Map.groupBy(resources, ({ scope }) => scope)
      for (const [, own] of ofScope) expect(new Set(own.map(({ key }) => stored.get(String(key)))).size).toBe(1)
      for (const end of ends) await end()
      expect(await users.countDocuments()).toBe(0)
    })

    test('DUSTPAN_WRITE_UNATTRIBUTED: an insert without a response (w: 0) leaves its intent open', async () => {
      await run.inTest(() => users.insertOne({ _id: 1 }, { writeConcern: { w: 0 } }))
      expect(run.recorded()).toEqual([])
      expect(run.intents()).toEqual(['insert users'])
      expect(run.warnings()).toEqual([expect.stringContaining('DUSTPAN_WRITE_UNATTRIBUTED')])
    })

    test('DUSTPAN_WRITE_UNATTRIBUTED: documents whose _id the server generates', async () => {
      await run.inTest(() => users.insertOne({ name: 'x' }, { forceServerObjectId: true }))
      expect(run.warnings()).toEqual([expect.stringContaining('forceServerObjectId')])
    })

    test('documents of ignored collections are not tracked', async () => {
      await run.end()
      const other = await beginTestRun({ url, ignoreCollections: ['changelog'] })
      other.session.deliver(library)
      await other.inTest(async () => {
        await db.collection('changelog').insertOne({})
        await users.insertOne({ _id: 1 })
      })
      expect(other.recorded()).toEqual(['users 1'])
    })
  })
})
