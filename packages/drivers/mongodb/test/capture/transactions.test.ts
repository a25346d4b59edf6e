/** Transactions of a client, against a proxy that accepts them, as FerretDB has none. */
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
  /** Hides the writes of the transaction from reads outside of it. */
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

  test('a document is part of an open transaction until the commit, then it is recorded', async () => {
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

  test('documents of an aborted or ended transaction are gone, one outside of it is recorded', async () => {
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

  test('a retried withTransaction() records only the documents of the last attempt', async () => {
    commits = [{ ok: 0, code: 112, errmsg: 'again', errorLabels: ['TransientTransactionError'] }]
    await run.inTest(() =>
      client.withSession((session) => session.withTransaction(() => things().insertOne({}, { session }))),
    )
    expect([run.recorded().length, run.recorded('gone').length]).toEqual([1, 1])
  })

  test('a commit that fails with another error keeps the record', async () => {
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

  test('an uncommitted document that a deleteMany cannot see is not recorded as gone', async () => {
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

  test('DUSTPAN_WRITE_UNATTRIBUTED: several _ids deleted in a transaction are not tracked when inserted again', async () => {
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

  test('the record of a document deleted in a transaction ends with the commit', async () => {
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
    ['an existing document deleted by another field and inserted again in a transaction is kept', false],
    [
      'DUSTPAN_WRITE_UNATTRIBUTED: an existing document deleted and inserted again after an update in the transaction is kept',
      true,
    ],
  ] as const)('%s', async ([, changes]) => {
    const stranger = await strangerAt(direct)
    await stranger.collection('things').insertOne({ _id: 'pre', n: 0 } as never)
    await run.test(async () => {
      const [own, others] = [things() as AnyCollection, client.db().collection('others') as AnyCollection]
      await own.insertOne({ _id: 'own', n: 7 })
      await client.withSession(async (session) => {
        session.startTransaction()
        if (changes) await own.updateMany({ n: 7 }, { $set: { n: 8 } }, { session })
        await own.deleteMany({ n: 0 }, { session })
        await own.insertMany([{ _id: 'pre', n: 0 }, { n: 1 }], { session })
        await others.insertOne({ _id: 'pre' }, { session })
        await session.commitTransaction()
      })
    })
    expect(await stranger.collection('things').distinct('_id')).toEqual(['pre'])
    expect(run.recorded('removed')).toHaveLength(3)
    const warned = [expect.stringMatching(/^DUSTPAN_WRITE_UNATTRIBUTED: .*things/)]
    expect(run.warnings()).toEqual(changes ? warned : [])
  })

  test('an existing document deleted and inserted again in an aborted transaction is kept', async () => {
    const stranger = await strangerAt(direct)
    await stranger.collection('things').insertOne({ _id: 'pre', n: 0 } as never)
    await run.test(async () => {
      const own = things() as AnyCollection
      await client.withSession(async (session) => {
        session.startTransaction()
        await own.deleteOne({ _id: 'pre' }, { session })
        await own.insertOne({ _id: 'pre', n: 0 }, { session })
        await session.abortTransaction()
      })
    })
    expect(await stranger.collection('things').distinct('_id')).toEqual(['pre'])
    expect(run.warnings()).toEqual([])
  })
})
