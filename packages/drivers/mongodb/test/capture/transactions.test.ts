/** What a client says of its transactions, before a server that says yes: FerretDB has none. */
import { describeOn } from '@dustpan/conformance/servers/describe-on'
import * as library from 'mongodb'
import { Long, MongoClient } from 'mongodb'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { type AnyCollection, beginTestRun, strangerAt, type TestRun } from '../run.ts'
import { pretendingServer } from './pretending-server.ts'

describeOn('mongodb', 'transactions', (server) => {
  let direct: string
  let run: TestRun
  let client: MongoClient
  let commits: object[]
  /** Nobody outside of the transaction sees what was done in it. */
  let isHidden: boolean

  beforeEach(async () => {
    commits = []
    isHidden = false
    direct = await server.database()
    const url = await pretendingServer(direct, (command) => {
      if ('commitTransaction' in command) return commits.shift() ?? { ok: 1 }
      if (isHidden && 'find' in command) return { ok: 1, cursor: { id: Long.ZERO, ns: 'test.things', firstBatch: [] } }
      return 'abortTransaction' in command ? { ok: 1 } : undefined
    })
    run = await beginTestRun({ url })
    run.session.deliver(library)
    client = new MongoClient(url)
    onTestFinished(() => client.close())
  })

  const things = () => client.db().collection('things')

  test('what is committed was created; until then it is open work', async () => {
    await run.inTest(() =>
      client.withSession(async (session) => {
        session.startTransaction()
        await things().insertOne({}, { session })
        expect(run.folded().openTransactions.size).toBe(1)
        await session.commitTransaction()
      }),
    )
    expect(run.folded().openTransactions.size).toBe(0)
    expect(run.recorded()).toHaveLength(1)
  })

  test('what is aborted was not, whether it was asked for or the session ended; what is outside of it was', async () => {
    await run.inTest(async () => {
      await client.withSession(async (session) => {
        session.startTransaction()
        await things().insertOne({}, { session })
        await things().insertOne({})
        await session.abortTransaction()
      })
      await client.withSession(async (session) => {
        session.startTransaction()
        await things().insertOne({}, { session })
      })
    })
    expect([run.recorded().length, run.recorded('gone').length]).toEqual([1, 2])
  })

  test('withTransaction() that begins again: only the last time counts', async () => {
    commits = [{ ok: 0, code: 112, errmsg: 'again', errorLabels: ['TransientTransactionError'] }]
    await run.inTest(() =>
      client.withSession((session) => session.withTransaction(() => things().insertOne({}, { session }))),
    )
    expect([run.recorded().length, run.recorded('gone').length]).toEqual([1, 1])
  })

  test('a commit that the server refuses otherwise leaves open what became of it, and the record stays', async () => {
    commits = [{ ok: 0, code: 8000, errmsg: 'no' }]
    await run.inTest(() =>
      client.withSession(async (session) => {
        session.startTransaction()
        await things().insertOne({}, { session })
        await expect(session.commitTransaction()).rejects.toThrow('no')
      }),
    )
    expect([run.recorded().length, run.folded().openTransactions.size]).toEqual([1, 0])
  })

  test('what is not committed yet, and so not seen, is not taken for deleted', async () => {
    await run.inTest(async () => {
      await things().insertOne({})
      isHidden = true
      await client.withSession(async (session) => {
        session.startTransaction()
        await things().insertOne({ n: 1 }, { session })
        await things().deleteMany({ n: { $exists: false } })
        await session.commitTransaction()
      })
    })
    expect(run.recorded('gone')).toEqual([])
  })

  test('DUSTPAN_WRITE_UNATTRIBUTED: of several ids that it deletes nobody says which were there', async () => {
    const [own, none] = [new library.ObjectId(), new library.ObjectId()]
    await run.inTest(async () => {
      await things().insertOne({ _id: own })
      await client.withSession(async (session) => {
        session.startTransaction()
        await things().deleteMany({ _id: { $in: [own, none] } }, { session })
        await things().insertOne({ _id: none }, { session })
        await session.commitTransaction()
      })
    })
    expect(run.recorded()).toEqual([`things ${own}`])
    expect(run.warnings()).toEqual([expect.stringMatching(/^DUSTPAN_WRITE_UNATTRIBUTED: .*things/)])
  })

  test('what was deleted in it is struck off with the commit', async () => {
    await run.inTest(async () => {
      const { insertedId: _id } = await things().insertOne({})
      await client.withSession(async (session) => {
        session.startTransaction()
        await things().deleteOne({ _id }, { session })
        expect(run.recorded()).toHaveLength(1)
        await session.commitTransaction()
      })
    })
    expect(run.recorded()).toEqual([])
  })

  test.for([
    ['what it deletes by another field and puts back was there before', false],
    ['DUSTPAN_WRITE_UNATTRIBUTED: what it has changed, it may delete by another field and put back', true],
  ] as const)('%s', async ([, changes]) => {
    const stranger = await strangerAt(direct)
    await stranger.collection('things').insertOne({ _id: 'pre', n: 0 } as never)
    await run.test(async () => {
      const [mine, others] = [things() as AnyCollection, client.db().collection('others') as AnyCollection]
      await mine.insertOne({ _id: 'own', n: 7 })
      await client.withSession(async (session) => {
        session.startTransaction()
        if (changes) await mine.updateMany({ n: 7 }, { $set: { n: 8 } }, { session })
        await mine.deleteMany({ n: 0 }, { session })
        await mine.insertMany([{ _id: 'pre', n: 0 }, { n: 1 }], { session })
        await others.insertOne({ _id: 'pre' }, { session })
        await session.commitTransaction()
      })
    })
    expect(await stranger.collection('things').distinct('_id')).toEqual(['pre'])
    expect(run.recorded('removed')).toHaveLength(3)
    const warned = [expect.stringMatching(/^DUSTPAN_WRITE_UNATTRIBUTED: .*things/)]
    expect(run.warnings()).toEqual(changes ? warned : [])
  })

  test('what it deletes and does not commit is there, and what is made of it elsewhere is not the test’s', async () => {
    const stranger = await strangerAt(direct)
    await stranger.collection('things').insertOne({ _id: 'pre', n: 0 } as never)
    await run.test(async () => {
      const mine = things() as AnyCollection
      await client.withSession(async (session) => {
        session.startTransaction()
        await mine.deleteOne({ _id: 'pre' }, { session })
        await mine.insertOne({ _id: 'pre', n: 0 }, { session })
        await session.abortTransaction()
      })
    })
    expect(await stranger.collection('things').distinct('_id')).toEqual(['pre'])
    expect(run.warnings()).toEqual([])
  })
})
