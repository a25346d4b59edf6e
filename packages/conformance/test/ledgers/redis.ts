import { createLedger, redisLedger } from '@dustpan/redis-ledger'
import { Redis } from 'ioredis'
import type { LedgerSubject } from '../../src/ledgers/index.ts'
import { testName } from '../../src/servers/index.ts'

/** The servers keep their data when they are killed. */
const flags = ['--appendonly', 'yes']

export const redis = subjectOn('redis')
export const valkey = subjectOn('valkey')

function subjectOn(kind: 'redis' | 'valkey'): LedgerSubject {
  return {
    kind,
    wanted: { flags },
    createLedger,
    nowhere: redisLedger({ url: 'redis://me:pl4nted@127.0.0.1:1' }),
    async place(server) {
      const [url, prefix] = [await server.database(), testName()]
      return {
        config: redisLedger({ url, prefix }),
        age: (minutes) => asked(url, (client) => age(client, prefix, minutes * 60_000)),
        empty: () => asked(url, async (client) => void (await client.flushdb())),
        jobsToDo: () =>
          asked(url, async (client) => {
            const key = (state: string) => `{${prefix}}:jobs:work:${state}`
            const [waiting, active] = [await client.llen(key('wait')), await client.llen(key('active'))]
            return waiting + active + (await client.zcard(key('delayed')))
          }),
        crons: () =>
          asked(url, async (client) => {
            const timetable = `{${prefix}}:jobs:work:repeat`
            const names = await client.zrange(timetable, '0', '-1')
            return Promise.all(names.map(async (name) => String(await client.hget(`${timetable}:${name}`, 'pattern'))))
          }),
      }
    },
  }
}

async function age(client: Redis, prefix: string, ms: number): Promise<void> {
  const runs = `{${prefix}}:runs`
  for (const run of await client.zrange(runs, '0', '-1')) await client.zincrby(runs, -ms, run)
  for (const lease of await client.keys(`{${prefix}}:lease:*`))
    await client.pexpire(lease, Math.max(0, (await client.pttl(lease)) - ms))
}

async function asked<Answer>(url: string, ask: (client: Redis) => Promise<Answer>): Promise<Answer> {
  const client = new Redis(url)
  try {
    return await ask(client)
  } finally {
    client.disconnect()
  }
}
