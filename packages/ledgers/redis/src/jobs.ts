/** Scheduled jobs on BullMQ: each job is run by one of the workers that share this server. */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import type { CarryOut, Job, Jobs, TimetableEntry } from '@dustpan/core/shared-ledger'
import type { Queue, Worker } from 'bullmq'
import { type Client, openClient, type Patience } from './client.ts'
import { ledgerError } from './ledger-error.ts'
import type { Settings } from './options.ts'
import type { Store } from './store.ts'

const queueName = 'work'

/** Finished jobs are kept for a week: sending one again within that time does nothing. */
const retention = { age: 7 * 24 * 3_600 }

/** A failed job is retried after one, two and four minutes. */
const options = {
  attempts: 4,
  backoff: { type: 'exponential', delay: 60_000 },
  removeOnComplete: retention,
  removeOnFail: retention,
}

/** A job whose worker died is retried after ten minutes without a sign of life. */
const stalling = { lockDuration: 600_000, maxStalledCount: 3 }

/** BullMQ is loaded and connected at the first call. */
export function redisJobs(settings: Settings, store: Store): Jobs {
  const [clients, workers]: [Client[], Worker[]] = [[], []]
  let starting: Promise<Queue<Job>> | undefined
  let stop = () => {}
  const stopped = new Promise<void>((resolve) => {
    stop = resolve
  })
  const connect = async (patience: Patience) => {
    const connection = await openClient(settings, patience)
    clients.push(connection)
    return { connection, prefix: store.keys.jobs }
  }
  const start = async () => {
    // Throws when the server is unfit for a ledger.
    await store.identity()
    const { Queue } = await import('bullmq')
    const queue = new Queue<Job>(queueName, { ...(await connect({})), defaultJobOptions: options })
    // ioredis reconnects by itself when the server is unreachable for a while.
    return queue.on('error', () => {})
  }
  const getQueue = () => {
    starting ??= start().catch((error) => {
      starting = undefined
      throw ledgerError(error)
    })
    return starting
  }
  const startWorker = async (carryOut: CarryOut) => {
    await getQueue()
    const { Worker } = await import('bullmq')
    const workerOptions = { ...(await connect({ maxRetriesPerRequest: null })), ...stalling }
    const started = new Worker<Job>(queueName, ({ data }) => carryOut(data), workerOptions).on('error', () => {})
    workers.push(started)
    return started
  }
  return {
    async send(job, at) {
      await (await getQueue()).add(job.do, job, { jobId: idOf(job, at), delay: Math.max(0, at - Date.now()) })
    },
    async schedule(timetable) {
      const [queue, entries] = [await getQueue(), new Map(timetable.map((entry) => [keyOf(entry.name), entry]))]
      for (const { key } of await queue.getJobSchedulers()) if (!entries.has(key)) await queue.removeJobScheduler(key)
      for (const [key, entry] of entries)
        if (!(await isScheduled(queue, key, entry))) await putSchedule(queue, key, entry)
    },
    async work(carryOut) {
      const worker = await startWorker(carryOut)
      await stopped
      await worker.close()
    },
    async workOff(carryOut) {
      let count = 0
      const worker = await startWorker((job) => {
        count++
        return carryOut(job)
      })
      await closeWhenDrained(worker)
      return count
    },
    async stop() {
      stop()
      // Waits for the jobs that are running; to stop sooner, end the process.
      for (const worker of workers) await worker.close()
      await (await starting)?.close()
      for (const client of clients) client.disconnect()
    },
  }
}

/** Checked first, because putting an entry again would drop its run that is due. */
async function isScheduled(queue: Queue, key: string, { cron, timezone }: TimetableEntry): Promise<boolean> {
  const known = await queue.getJobScheduler(key)
  if (known?.pattern !== cron || known.tz !== timezone) return false
  return (await queue.getJob(`repeat:${key}:${known.next}`)) !== undefined
}

async function putSchedule(
  queue: Queue<Job>,
  key: string,
  { name: entry, cron, timezone }: TimetableEntry,
): Promise<void> {
  const template = { name: 'scheduled', data: { do: 'scheduled', entry } satisfies Job, opts: options }
  await queue.upsertJobScheduler(key, { pattern: cron, tz: timezone }, template)
}

async function closeWhenDrained(worker: Worker): Promise<void> {
  try {
    await once(worker, 'drained')
  } catch (error) {
    throw ledgerError(error)
  } finally {
    await worker.close()
  }
}

/** Equal for the same job at the same time: sent twice, by any process, it is still one job. */
const idOf = (job: Job, at: number): string => keyOf(JSON.stringify([job, at]))

/** A hash, because the text may contain characters that a key may not. */
const keyOf = (text: string): string => `k${createHash('sha256').update(text).digest('hex').slice(0, 32)}`
