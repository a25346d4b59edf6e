/** A client that is killed while the server executes its insert: the outcome is unknown until the server is done. */
import { setTimeout } from 'node:timers/promises'
import mysql from 'mysql2/promise'
import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { describeOn } from '../../src/servers/describe-on.ts'
import { gate, markedTable } from './marked-tables.ts'
import { startKilled } from './start-killed.ts'

/** InnoDB refreshes its list of transactions only when nobody has read it for 0.1 s. */
const lookEveryMs = 150

interface Held {
  readonly url: string
  /** Makes later inserts wait. */
  close(): Promise<unknown>
  open(): Promise<unknown>
  /** The id of the waiting session. */
  waiting(): Promise<number | undefined>
  /** Makes the server end the session. */
  end(session: number): Promise<unknown>
  count(): Promise<number>
}

function staysUnknown(store: 'postgres' | 'mariadb', prepare: () => Promise<Held>): void {
  /** A killed run whose insert is still in progress on the server. */
  const killed = async () => {
    const place = await prepare()
    const run = await startKilled(store, place.url, { when: 'never' })
    run.go()
    await run.prepared()
    await place.close()
    run.go()
    let session: number | undefined
    for (; session === undefined; await setTimeout(lookEveryMs)) session = await place.waiting()
    await run.kill()
    return { place, run, session }
  }

  test('a create stays unresolved while its session is active, and its rows are removed afterwards', async () => {
    const { place, run } = await killed()
    await run.recover()
    expect([run.folded().intents.size, await place.count()]).toEqual([1, 0])
    await place.open()
    await run.resolved()
    expect(await place.count()).toBe(0)
    expect([...run.folded().resources.values()].map(({ state }) => state)).toEqual(['removed', 'removed', 'removed'])
  })

  test('a create that the server rolled back is resolved without a resource', async () => {
    const { place, run, session } = await killed()
    await run.recover()
    await place.end(session)
    await place.open()
    await run.resolved()
    expect([...run.folded().resources.values()].map(({ state }) => state)).toEqual(['removed'])
    expect([await place.count(), run.folded().warnings]).toEqual([0, []])
  })
}

describeOn('postgres', 'an insert in progress', (server) => {
  staysUnknown('postgres', async () => {
    const url = await server.database(`${markedTable.postgres}; ${gate.postgres}`)
    const [holder, looker] = [new pg.Client(url), new pg.Client(url)]
    for (const client of [holder, looker]) {
      await client.connect()
      onTestFinished(() => client.end())
    }
    const close = () => holder.query('BEGIN; UPDATE gate SET n = 0')
    return {
      ...{ url, close },
      open: () => holder.query('COMMIT'),
      async waiting() {
        const sql = `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`
        return (await looker.query(sql)).rows[0]?.pid
      },
      end: (session) => looker.query('SELECT pg_terminate_backend($1)', [session]),
      count: async () => Number((await looker.query('SELECT count(*) FROM things')).rows[0].count),
    }
  })
})

describeOn('mariadb', 'an insert in progress', (server) => {
  staysUnknown('mariadb', async () => {
    const url = await server.database(`${markedTable.mariadb}; ${gate.mariadb}`)
    const [holder, looker] = [await mysql.createConnection(url), await mysql.createConnection(url)]
    for (const client of [holder, looker]) onTestFinished(() => client.end())
    const rows = async (sql: string) => (await looker.query(sql))[0] as Record<string, number>[]
    const close = async () => {
      await holder.query('BEGIN')
      await holder.query('UPDATE gate SET n = 0')
    }
    return {
      ...{ url, close },
      open: () => holder.query('COMMIT'),
      async waiting() {
        const sql = `SELECT p.id FROM information_schema.innodb_trx t JOIN information_schema.processlist p
          ON p.id = t.trx_mysql_thread_id WHERE t.trx_state = 'LOCK WAIT' AND p.db = DATABASE()`
        return (await rows(sql))[0]?.id
      },
      end: (session) => looker.query(`KILL CONNECTION ${session}`),
      count: async () => Number((await rows('SELECT COUNT(*) AS n FROM things'))[0]?.n),
    }
  })
})
