import { setTimeout } from 'node:timers/promises'
import { requireServer, type Server } from '@dustpan/conformance/servers'
import type { Job, Jobs, TimetableEntry } from '@dustpan/core/ledger'
import { createLedger } from '@dustpan/redis-ledger'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'

let server: Server
beforeAll(async () => {
  server = await requireServer('redis')
})
afterAll(() => server[Symbol.asyncDispose]())

function worker(url: string): Jobs {
  const ledger = createLedger({ url })
  const jobs = ledger.jobs()
  onTestFinished(async () => {
    await jobs.stop()
    await ledger[Symbol.asyncDispose]()
  })
  return jobs
}

function connected(url: string): Redis {
  const client = new Redis(url)
  onTestFinished(() => client.disconnect())
  return client
}

const everySecond: TimetableEntry = { name: 'every second', cron: '* * * * * *', timezone: 'UTC' }
const timetable = '{dustpan}:jobs:work:repeat'

/** When the timetable's only entry is due next. */
async function dueAt(client: Redis): Promise<number> {
  return Number((await client.zrange(timetable, '0', '-1', 'WITHSCORES'))[1])
}

test('a due job stays due when another worker schedules the same timetable', async () => {
  const url = await server.database()
  const [one, two, client] = [worker(url), worker(url), connected(url)]
  await one.schedule([everySecond])
  const due = await dueAt(client)
  while (Date.now() <= due) await setTimeout(20)
  await two.schedule([everySecond])
  expect(await dueAt(client)).toBe(due)
  const done: Job[] = []
  expect(await two.workOff(async (job) => void done.push(job))).toBeGreaterThanOrEqual(1)
  expect(done[0]).toEqual({ do: 'scheduled', entry: 'every second' })
})

test('schedule() replaces an entry whose time changed, and restores its lost next job', async () => {
  const url = await server.database()
  const [one, client] = [worker(url), connected(url)]
  await one.schedule([{ ...everySecond, cron: '0 0 29 2 *' }])
  const far = await dueAt(client)
  await one.schedule([everySecond])
  expect(await dueAt(client)).toBeLessThan(far)
  const jobs = await client.keys(`${timetable}:*:*`)
  await client.del(...jobs, '{dustpan}:jobs:work:delayed')
  await one.schedule([everySecond])
  expect(await client.zcard('{dustpan}:jobs:work:delayed')).toBe(1)
})
