/** What a client says of its transactions, before a server that says yes: FerretDB has none. */
import { describeOn } from '@dustpan/conformance/servers/describe-on'
import * as library from 'mongodb'
import { Long, MongoClient } from 'mongodb'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { beginTestRun, type TestRun } from '../run.ts'
import { pretendingServer } from './pretending-server.ts'

describeOn('mongodb', 'transactions', (server) => {
  let run: TestRun
  let client: MongoClient
  let commits: object[]
  /** Nobody outside of the transaction sees what was done in it. */
  let isHidden: boolean

  beforeEach(async () => {
    commits = []
    isHidden = false
    const url = await pretendingServer(await server.database(), (command) => {
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
})
