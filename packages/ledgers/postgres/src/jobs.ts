/** Scheduled jobs on pg-boss: each job is run by one of the workers that share this server. */
import { createHash } from 'node:crypto'
import type { Job, Jobs } from '@dustpan/core/shared-ledger'
import type { PgBoss } from 'pg-boss'
import { ledgerError } from './ledger-error.ts'

const queueName = 'dustpan'

/** A failed job is retried after one, two and four minutes; a job whose worker died, after ten minutes without a heartbeat. */
const options = {
  policy: 'standard',
  retryLimit: 3,
  retryDelay: 60,
  retryBackoff: true,
  heartbeatSeconds: 600,
  expireInSeconds: 23 * 3_600,
}

/** pg-boss' tables have a schema of their own. pg-boss is loaded and connected at the first call. */
export function postgresJobs(url: string, schema: string): Jobs {
  let starting: Promise<PgBoss> | undefined
  let stop = () => {}
  const stopped = new Promise<void>((resolve) => {
    stop = resolve
  })
  const getBoss = () => {
    starting ??= start(url, `${schema}_jobs`).catch((error) => {
      starting = undefined
      throw ledgerError(error)
    })
    return starting
  }
  return {
    async send(job, at) {
      await (await getBoss()).send(queueName, job, { id: idOf(job, at), startAfter: new Date(at) })
    },
    async schedule(timetable) {
      const [boss, entries] = [await getBoss(), new Map(timetable.map((entry) => [keyOf(entry.name), entry]))]
      for (const { key } of await boss.getSchedules(queueName))
        if (!entries.has(key)) await boss.unschedule(queueName, key)
      for (const [key, { name, cron, timezone }] of entries)
        await boss.schedule(queueName, cron, { do: 'scheduled', entry: name } satisfies Job, { tz: timezone, key })
    },
    async work(carryOut) {
      const boss = await getBoss()
      await boss.work<Job>(queueName, { batchSize: 1 }, async ([job]) => job && carryOut(job.data))
      await stopped
      await end(boss)
    },
    async workOff(carryOut) {
      const boss = await getBoss()
      for (let count = 0; ; count++) {
        const [job] = await boss.fetch<Job>(queueName)
        if (!job) return count
        await carryOut(job.data).then(
          () => boss.complete(queueName, job.id),
          (error) => boss.fail(queueName, job.id, { message: String(error) }),
        )
      }
    },
    async stop() {
      stop()
      const boss = await starting
      if (boss) await end(boss)
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
  // pg-boss keeps polling while the server is unreachable.
  boss.on('error', () => {})
  await boss.start()
  await boss.createQueue(queueName, options)
  return boss
}

/** Waits for the jobs that are running; to stop sooner, end the process. */
const end = (boss: PgBoss): Promise<void> => boss.stop({ graceful: true, timeout: 24 * 3_600_000 })

/** Equal for the same job at the same time: sent twice, by any process, it is still one job. */
function idOf(job: Job, at: number): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([job, at]))
    .digest('hex')
  return [hash.slice(0, 8), hash.slice(8, 12), hash.slice(12, 16), hash.slice(16, 20), hash.slice(20, 32)].join('-')
}

/** A hash, because a name may contain characters that a key may not. */
const keyOf = (name: string): string => createHash('sha256').update(name).digest('hex').slice(0, 32)
