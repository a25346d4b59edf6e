/** Work for later on pg-boss: each job is done by one of all who work on this server. */
import { createHash } from 'node:crypto'
import type { Job, Jobs } from '@dustpan/core/driver'
import type { PgBoss } from 'pg-boss'
import { told } from './told.ts'

const queue = 'dustpan'

/** A job that fails is tried again after a minute, two, four; one whose worker died, when it was not heard of for ten minutes. */
const options = {
  policy: 'standard',
  retryLimit: 3,
  retryDelay: 60,
  retryBackoff: true,
  heartbeatSeconds: 600,
  expireInSeconds: 23 * 3_600,
}

/** Its tables are in a schema of their own. pg-boss is loaded, and connected, at the first call. */
export function postgresJobs(url: string, schema: string): Jobs {
  let starting: Promise<PgBoss> | undefined
  let stop = () => {}
  const stopped = new Promise<void>((resolve) => {
    stop = resolve
  })
  const boss = () => {
    starting ??= start(url, `${schema}_jobs`).catch((error) => {
      starting = undefined
      throw told(error)
    })
    return starting
  }
  return {
    async send(job, at) {
      await (await boss()).send(queue, job, { id: idOf(job, at), startAfter: new Date(at) })
    },
    async schedule(timetable) {
      const [keeper, keys] = [await boss(), new Map(timetable.map((entry) => [keyOf(entry.name), entry]))]
      for (const { key } of await keeper.getSchedules(queue)) if (!keys.has(key)) await keeper.unschedule(queue, key)
      for (const [key, { name, cron, timezone }] of keys)
        await keeper.schedule(queue, cron, { do: 'scheduled', entry: name } satisfies Job, { tz: timezone, key })
    },
    async work(carryOut) {
      const keeper = await boss()
      await keeper.work<Job>(queue, { batchSize: 1 }, async ([job]) => job && carryOut(job.data))
      await stopped
      await end(keeper)
    },
    async workOff(carryOut) {
      const keeper = await boss()
      for (let count = 0; ; count++) {
        const [job] = await keeper.fetch<Job>(queue)
        if (!job) return count
        await carryOut(job.data).then(
          () => keeper.complete(queue, job.id),
          (error) => keeper.fail(queue, job.id, { message: String(error) }),
        )
      }
    },
    async stop() {
      stop()
      const keeper = await starting
      if (keeper) await end(keeper)
    },
  }
}

async function start(url: string, schema: string): Promise<PgBoss> {
  const { PgBoss } = await import('pg-boss')
  const boss = new PgBoss({
    connectionString: url,
    schema,
    application_name: 'dustpan jobs',
    max: 4,
    reindex: false,
    monitorVacuum: false,
  })
  // A server that is away for a while is asked again at the next look.
  boss.on('error', () => {})
  await boss.start()
  await boss.createQueue(queue, options)
  return boss
}

/** What was begun is waited for: whoever has no patience ends the process. */
const end = (boss: PgBoss): Promise<void> => boss.stop({ graceful: true, timeout: 24 * 3_600_000 })

/** The same for the same job at the same time, so that it is one, whoever sends it, and when. */
function idOf(job: Job, at: number): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([job, at]))
    .digest('hex')
  return [hash.slice(0, 8), hash.slice(8, 12), hash.slice(12, 16), hash.slice(16, 20), hash.slice(20, 32)].join('-')
}

/** A name may have signs that a key may not have. */
const keyOf = (name: string): string => createHash('sha256').update(name).digest('hex').slice(0, 32)
