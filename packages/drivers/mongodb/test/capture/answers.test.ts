/** Responses that FerretDB does not give, from a server in front of it that gives them, and missing responses. */
import { describeOn } from '@dustpan/conformance/servers/describe-on'
import * as library from 'mongodb'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { capture } from '../../src/index.ts'
import { beginTestRun, strangerAt, type TestRun } from '../run.ts'
import { pretendingServer } from './pretending-server.ts'

type Answer = Parameters<typeof pretendingServer>[1]

describeOn('mongodb', 'responses', (server) => {
  let direct: string
  let run: TestRun
  let client: library.MongoClient

  beforeEach(async () => {
    direct = await server.database()
  })

  const begin = async (answer: Answer, options: object = {}, deliver = true) => {
    const url = await pretendingServer(direct, answer)
    run = await beginTestRun({ url, ...options })
    if (deliver) run.session.deliver(library)
    client = new library.MongoClient(url, { serverSelectionTimeoutMS: 1_000 })
    onTestFinished(() => client.close())
    return client.db().collection<{ _id: unknown }>('things')
  }
  const cursor = (firstBatch: readonly object[]) => ({
    ok: 1,
    cursor: { id: library.Long.ZERO, ns: 'test.things', firstBatch },
  })

  test.for([
    ['copies', { $out: 'copies' }],
    ['copies', { $out: { db: 'other', coll: 'copies' } }],
    ['copies', { $merge: 'copies' }],
    ['copies', { $merge: { into: 'copies', whenMatched: 'keepExisting' } }],
    ['copies', { $merge: { into: { db: 'other', coll: 'copies' } } }],
    ['a place that is no collection', { $out: { s3: { bucket: 'b' } } }],
  ] as const)('DUSTPAN_WRITE_UNATTRIBUTED: an aggregation that writes to %s by %j', async ([name, stage]) => {
    const things = await begin((command) => ('aggregate' in command ? cursor([]) : undefined))
    await run.inTest(() => things.aggregate([{ $match: {} }, stage]).toArray())
    expect(run.warnings()).toEqual([expect.stringMatching(`^DUSTPAN_WRITE_UNATTRIBUTED: .* written to ${name} `)])
    await run.inTest(() => things.aggregate([{ $match: {} }]).toArray())
    expect(run.warnings()).toHaveLength(1)
  })

  test.for([
    ['copies', { mapReduce: 'things', map: 'm', reduce: 'r', out: 'copies' }],
    ['copies', { mapreduce: 'things', map: 'm', reduce: 'r', out: { merge: 'copies', db: 'other' } }],
    ['', { mapReduce: 'things', map: 'm', reduce: 'r', out: { inline: 1 } }],
  ] as const)('DUSTPAN_WRITE_UNATTRIBUTED: a map-reduce that writes to "%s" by %j', async ([name, command]) => {
    const things = await begin((sent) => ('map' in sent ? { ok: 1 } : undefined))
    await run.inTest(async () => {
      await things.insertOne({ _id: 1 })
      await client.db().command(command)
    })
    expect(run.warnings()).toEqual(
      name === '' ? [] : [expect.stringMatching(`^DUSTPAN_WRITE_UNATTRIBUTED: .* written to ${name} `)],
    )
  })

  test('DUSTPAN_ROWS_UNMARKED: documents of a collection with a validator are not marked', async () => {
    const info = { name: 'things', type: 'collection', options: { validator: { n: { $exists: true } } }, info: {} }
    const things = await begin((command) => ('listCollections' in command ? cursor([info]) : undefined), { mark: true })
    await run.inTest(() => things.insertOne({ _id: 1 }))
    expect(await (await strangerAt(direct)).collection('things').findOne()).toEqual({ _id: 1 })
    expect(run.warnings()).toEqual([expect.stringContaining('DUSTPAN_ROWS_UNMARKED')])
  })

  test('without the right to list collections a document is recorded with key-only proof', async () => {
    const denied = { ok: 0, code: 13, errmsg: 'not authorized' }
    const things = await begin((command) => ('listCollections' in command ? denied : undefined))
    await run.inTest(() => things.insertOne({ _id: 1 }))
    expect([...run.folded().resources.values()].map(({ set }) => set.proof)).toEqual([{ strength: 'key-only' }])
  })

  test('client.bulkWrite() tracks successful inserts of several collections and reported upserts', async () => {
    const results = [
      { ok: 1, idx: 0, n: 1 },
      { ok: 0, idx: 1, code: 11_000, errmsg: 'duplicate', n: 0 },
      { ok: 1, idx: 2, n: 1, upserted: { _id: 7 } },
      { ok: 1, idx: 3, n: 1 },
    ]
    const counts = { nErrors: 1, nInserted: 2, nUpserted: 1, nMatched: 0, nModified: 0, nDeleted: 0 }
    await begin((command) => ('bulkWrite' in command ? { ...cursor(results), ...counts } : undefined))
    const [things, others] = ['shop.things', 'shop.others.more'] as const
    await run.inTest(() =>
      client
        .bulkWrite(
          [
            { name: 'insertOne', namespace: things, document: { _id: 1 as never } },
            { name: 'insertOne', namespace: things, document: { _id: 2 as never } },
            { name: 'updateOne', namespace: things, filter: { n: 1 }, update: { $set: { n: 2 } }, upsert: true },
            { name: 'insertOne', namespace: others, document: { _id: 3 as never } },
          ],
          { ordered: false, verboseResults: true },
        )
        .catch((error) => expect(error.constructor.name).toBe('MongoClientBulkWriteError')),
    )
    expect([...run.recorded()].sort()).toEqual(['others.more 3', 'things 1', 'things 7'])
  })

  test.for([false, true])(
    'client.bulkWrite() does not track existing documents deleted and inserted again, verbose: %s',
    async (verboseResults) => {
      const results = [0, 1, 1, 1].map((n, idx) => ({ ok: 1, idx, n }))
      const counts = { nErrors: 0, nInserted: 2, nUpserted: 0, nMatched: 0, nModified: 0, nDeleted: 1 }
      await begin((command) =>
        'bulkWrite' in command ? { ...cursor(command.errorsOnly ? [] : results), ...counts } : undefined,
      )
      const of = { namespace: 'shop.things' } as const
      await run.inTest(() =>
        client.bulkWrite(
          [
            { name: 'deleteOne', ...of, filter: { _id: 1 as never } },
            { name: 'deleteOne', ...of, filter: { _id: 2 as never } },
            { name: 'insertOne', ...of, document: { _id: 1 as never } },
            { name: 'insertOne', ...of, document: { _id: 2 as never } },
          ],
          { verboseResults },
        ),
      )
      expect(run.recorded()).toEqual(verboseResults ? ['things 1'] : [])
      expect(run.warnings()).toEqual(
        verboseResults ? [] : [expect.stringMatching(/^DUSTPAN_WRITE_UNATTRIBUTED: .*things/)],
      )
    },
  )

  const [q, query] = [{ _id: 'pre' }, { _id: 'pre' }]
  test.for([
    [
      'findAndModify without _id in its fields',
      { findAndModify: 'things', query, remove: true, fields: { _id: 0 } },
      { value: { n: 1 } },
    ],
    [
      'findAndModify with another value as _id',
      { findAndModify: 'things', query, remove: true, fields: { _id: '$n' } },
      { value: { _id: 7 } },
    ],
    ['delete with a response without a count', { delete: 'things', deletes: [{ q, limit: 1 }] }, {}],
  ] as const)('an existing document deleted and inserted again is not tracked: %s', async ([, command, answer]) => {
    const things = await begin((sent) =>
      (Object.keys(command)[0] as string) in sent ? { ok: 1, ...answer } : undefined,
    )
    await run.inTest(async () => {
      await things.insertMany([{ _id: 7 }, { _id: 8 }])
      await client.db().command(command)
      await things.insertOne({ _id: 'pre' })
    })
    expect(run.recorded()).toEqual(['things 7', 'things 8'])
    expect(run.warnings()).toEqual(
      'value' in answer ? [] : [expect.stringMatching(/^DUSTPAN_WRITE_UNATTRIBUTED: .*things/)],
    )
  })

  /** FerretDB treats both as the same value. */
  test.for([
    ['the digits of an ObjectId', new library.ObjectId(), String],
    ['an ObjectId', String(new library.ObjectId()), (id: unknown) => new library.ObjectId(String(id))],
  ] as const)(
    'deleting and inserting %s does not affect the record of the other type of the same digits',
    async ([, own, other]) => {
      const things = await begin((sent) => {
        const isOther = 'insert' in sent && deleted
        if ('delete' in sent) deleted = true
        return 'delete' in sent || isOther ? { ok: 1, n: 1 } : undefined
      })
      let deleted = false
      await run.inTest(async () => {
        await things.insertOne({ _id: own })
        await things.deleteOne({ _id: other(own) as never })
        expect(run.recorded()).toHaveLength(1)
        await things.insertOne({ _id: other(own) })
      })
      const sets = [...run.folded().resources.values()].map(({ state, set }) => [state, set.steps[0]])
      expect(sets).toEqual([['live', expect.objectContaining({ op: 'delete-document' })]])
    },
  )

  test('a document deleted by another field without showing its _id is looked up before', async () => {
    const stranger = (await strangerAt(direct)).collection<{ _id: unknown; n: number }>('things')
    await stranger.insertOne({ _id: 'pre', n: 0 })
    const things = await begin((sent) => ('findAndModify' in sent ? { ok: 1, value: { n: 0 } } : undefined))
    await run.inTest(async () => {
      await things.findOneAndDelete({ n: 0 } as never, { projection: { _id: 0 } })
      await stranger.deleteOne({ n: 0 })
      await things.insertMany([{ _id: 'pre' }, { _id: 'new' }])
    })
    expect(run.recorded()).toEqual(['things new'])
    expect(run.warnings()).toEqual([])
  })

  test('DUSTPAN_WRITE_UNATTRIBUTED: documents that a delete with a lost response may have removed are not tracked', async () => {
    const stranger = (await strangerAt(direct)).collection<{ _id: unknown }>('things')
    await stranger.insertMany([{ _id: 'pre' }, { _id: 'other' }])
    const things = await begin((sent) => {
      if (!('delete' in sent)) return undefined
      throw new Error('cut')
    })
    await run.inTest(async () => {
      await expect(things.deleteMany({})).rejects.toThrow(library.MongoNetworkError)
      await expect(things.deleteOne({ _id: 'named' as never })).rejects.toThrow(library.MongoNetworkError)
      await stranger.deleteMany({})
      await things.insertMany([{ _id: 'pre' }, { _id: 'named' }, { _id: 'new' }])
    })
    expect(run.recorded()).toEqual(['things new'])
    expect(run.warnings()).toEqual([expect.stringMatching(/^DUSTPAN_WRITE_UNATTRIBUTED: .*things/)])
  })

  test('client.bulkWrite() does not track an existing document that it deletes by another field and inserts again', async () => {
    const stranger = await strangerAt(direct)
    const [name, others] = [stranger.databaseName, stranger.collection<{ _id: unknown; n: number }>('things')]
    const counts = { nErrors: 0, nInserted: 2, nUpserted: 0, nMatched: 0, nModified: 0, nDeleted: 1 }
    const things = await begin((sent) => ('bulkWrite' in sent ? { ...cursor([]), ...counts } : undefined))
    await others.insertOne({ _id: 'pre', n: 0 })
    const of = { namespace: `${name}.things` } as const
    await run.inTest(async () => {
      await things.insertOne({ _id: 'own' })
      await client.bulkWrite([
        { name: 'deleteMany', ...of, filter: { n: 0 } },
        { name: 'insertOne', ...of, document: { _id: 'pre' as never } },
        { name: 'insertOne', ...of, document: { _id: 'new' as never } },
      ])
    })
    expect(run.recorded()).toEqual(['things own', 'things new'])
    expect(run.warnings()).toEqual([])
  })

  test('DUSTPAN_WRITE_UNATTRIBUTED: an existing document is not tracked in a copy renamed over its collection', async () => {
    const stranger = (await strangerAt(direct)).collection<{ _id: unknown }>('things')
    await stranger.insertOne({ _id: 'pre' })
    await begin((command) => ('renameCollection' in command ? { ok: 1 } : undefined))
    await run.inTest(async () => {
      const copy = client.db().collection<{ _id: string }>('copy')
      await copy.insertMany([{ _id: 'pre' }, { _id: 'new' }])
      await copy.rename('things', { dropTarget: true })
    })
    expect(run.recorded()).toEqual(['copy new'])
    expect(run.warnings()).toEqual([expect.stringMatching(/^DUSTPAN_WRITE_UNATTRIBUTED: .*copy/)])
  })

  test('DUSTPAN_WRITE_UNATTRIBUTED: after dropDatabase() of unlisted collections only new ObjectIds are tracked', async () => {
    const denied = { ok: 0, code: 13, errmsg: 'not authorized' }
    const things = await begin((command) => ('listCollections' in command && command.nameOnly ? denied : undefined))
    const [before] = [new library.ObjectId()]
    await run.inTest(async () => {
      await client.db().dropDatabase()
      await things.insertMany([{ _id: 'pre' }, { _id: before }, { _id: new library.ObjectId() }])
    })
    expect(run.recorded()).toHaveLength(1)
    expect(run.recorded()).not.toContain(`things ${before}`)
    expect(run.warnings()).toEqual([expect.stringMatching(/^DUSTPAN_WRITE_UNATTRIBUTED: .*things/)])
  })

  test('DUSTPAN_WRITE_UNATTRIBUTED: a document that $out may have replaced is not tracked when inserted again', async () => {
    const things = await begin((command) => ('aggregate' in command ? cursor([]) : undefined))
    await run.inTest(async () => {
      await things.aggregate([{ $out: 'copies' }]).toArray()
      await client
        .db()
        .collection('copies')
        .insertOne({ _id: 'pre' as never })
      await client.db().collection('copies').insertOne({ n: 1 })
    })
    expect(run.recorded()).toHaveLength(1)
    expect(run.warnings()).toHaveLength(2)
  })

  test('a find with an unexpected response ends no record', async () => {
    const things = await begin((command) => ('find' in command ? { ok: 1 } : undefined))
    await run.inTest(async () => {
      await things.insertMany([{ _id: 1 }, { _id: 2 }])
      await things.deleteOne({ $nor: [{ _id: 1 as never }] })
    })
    expect(run.recorded()).toEqual(['things 1', 'things 2'])
  })

  test('renaming a collection over another ends the records of the replaced one', async () => {
    const things = await begin((command) => ('renameCollection' in command ? { ok: 1 } : undefined))
    await run.inTest(async () => {
      await things.insertOne({ _id: 1 })
      const fresh = client.db().collection<{ _id: number }>('fresh')
      await fresh.insertOne({ _id: 1 })
      await fresh.rename('things', { dropTarget: true })
    })
    expect(run.recorded()).toEqual(['fresh 1'])
  })

  test.for([false, true])(
    'an invalid command has the same response as without Dustpan, with marks: %s',
    async (mark) => {
      await begin(() => undefined, { mark })
      const stranger = await strangerAt(direct)
      const responseTo = (db: library.Db, command: object) =>
        db.command(command).catch((error) => error.message.replace(/\d+ to \S+/, ''))
      for (const wrong of [
        { insert: 'things', documents: [null] },
        { update: 'things', updates: [{ q: {}, u: { $set: null }, upsert: true }] },
        { update: 'things', updates: [{ q: null, u: null, upsert: true }] },
        { delete: 'things', deletes: [null] },
        {
          delete: 'things',
          deletes: [
            { q: null, limit: 0 },
            { q: { $no: 1 }, limit: 0 },
          ],
        },
        { drop: 1 },
        { findAndModify: 'things', remove: true, query: { $no: 1 } },
        { renameCollection: 'a', to: 'b', dropTarget: 'x' },
        { aggregate: 'things', pipeline: {}, cursor: {} },
        { aggregate: 'things', pipeline: ['x'], cursor: {} },
        { bulkWrite: 1, ops: [null], nsInfo: [null] },
      ])
        await run.inTest(async () =>
          expect(await responseTo(client.db(), wrong)).toEqual(await responseTo(stranger, wrong)),
        )
    },
  )

  test('an insert that the server refuses tracks nothing and leaves no intent', async () => {
    const things = await begin((command) => ('insert' in command ? { ok: 0, code: 13, errmsg: 'no' } : undefined))
    await run.inTest(() => expect(things.insertOne({ _id: 1 })).rejects.toThrow('no'))
    expect([run.recorded(), run.intents()]).toEqual([[], []])
  })

  test('an interrupted insert tracks nothing and its intent stays open', async () => {
    const interrupted = { ok: 0, code: 11_601, codeName: 'Interrupted', errmsg: 'operation was interrupted' }
    const things = await begin((command) => ('insert' in command ? interrupted : undefined))
    await run.inTest(() => expect(things.insertMany([{ _id: 1 }, { _id: 2 }])).rejects.toThrow('interrupted'))
    expect([run.recorded(), run.intents()]).toEqual([[], ['insert things']])
  })

  test('an insert whose connection breaks rejects with the client’s error, and its intent stays open', async () => {
    const things = await begin((command) => {
      if (!('insert' in command)) return undefined
      throw new Error('cut')
    })
    await run.inTest(() => expect(things.insertOne({ _id: 1 })).rejects.toThrow(library.MongoNetworkError))
    expect([run.recorded(), run.intents()]).toEqual([[], ['insert things']])
  })

  test('an insert retried after a lost connection is tracked once, in the store of its replica set', async () => {
    let cuts = 1
    let port = ''
    const url = await pretendingServer(direct, (command) => {
      if ('insert' in command && cuts-- > 0) throw new Error('cut')
      if (!('hello' in command)) return undefined
      const set = { setName: 'rs0', hosts: [`127.0.0.1:${port}`], me: `127.0.0.1:${port}`, isWritablePrimary: true }
      return { ...set, ok: 1, maxWireVersion: 21, minWireVersion: 0, logicalSessionTimeoutMinutes: 30 }
    })
    port = new URL(url).port
    run = await beginTestRun({ url })
    run.session.deliver(library)
    client = new library.MongoClient(url, { serverApi: '1', replicaSet: 'rs0', serverSelectionTimeoutMS: 2_000 })
    onTestFinished(() => client.close())
    await run.test(() => client.db().collection('things').insertOne({}))
    expect(cuts).toBe(-1)
    expect([run.intents(), run.recorded('removed').length]).toEqual([[], 1])
    const [store] = [...run.folded().resources.values()].map(({ set }) => set.store.id)
    expect(store).toBe(`mongodb://localhost:${port}${new URL(url).pathname}?replicaSet=rs0`)
  })

  test('capture(client) captures a client of a library copy that was not delivered', async () => {
    const things = await begin(() => undefined, {}, false)
    expect(capture(client)).toBe(client)
    await run.inTest(() => things.insertOne({ _id: 1 }))
    expect(run.recorded()).toEqual(['things 1'])
  })

  test('DUSTPAN_INVALID_ARGUMENT: capture() of an object that is no client', () => {
    expect(() => capture({})).toThrow(expect.objectContaining({ code: 'DUSTPAN_INVALID_ARGUMENT' }))
  })

  test('the library is restored when the run ends', async () => {
    const before = library.MongoClient.prototype.connect
    const things = await begin(() => undefined)
    await run.inTest(() => things.insertOne({ _id: 1 }))
    expect(library.MongoClient.prototype.connect).not.toBe(before)
    await run.end()
    expect(library.MongoClient.prototype.connect).toBe(before)
    expect(Object.getOwnPropertySymbols(library.MongoClient.prototype).map(String)).not.toContain(
      'Symbol(dustpan/mongodb/patch)',
    )
  })
})
