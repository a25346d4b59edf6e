/** Work for later on BullMQ: each job is done by one of all who work on this server. */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import type { CarryOut, Job, Jobs, TimetableEntry } from '@dustpan/core/driver'
import type { Queue, Worker } from 'bullmq'
import { type Client, openClient, type Patience } from './client.ts'
import type { Settings } from './options.ts'
import type { Store } from './store.ts'
import { told } from './told.ts'

const name = 'work'

/** Whoever asks for a job again within that time asks for nothing. */
const kept = { age: 7 * 24 * 3_600 }

/** A job that fails is tried again after a minute, two, four. */
const options = {
  attempts: 4,
  backoff: { type: 'exponential', delay: 60_000 },
  removeOnComplete: kept,
  removeOnFail: kept,
}

/** One whose worker died is tried again when that was not heard of for ten minutes. */
const stalling = { lockDuration: 600_000, maxStalledCount: 3 }

/** BullMQ is loaded, and connected, at the first call. */
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
    // It says whether the server is fit for it.
    await store.identity()
    const { Queue } = await import('bullmq')
    const queue = new Queue<Job>(name, { ...(await connect({})), defaultJobOptions: options })
    // A server that is away for a while is asked again.
    return queue.on('error', () => {})
  }
  const queue = () => {
    starting ??= start().catch((error) => {
      starting = undefined
      throw told(error)
    })
    return starting
  }
  const worker = async (carryOut: CarryOut) => {
    await queue()
    const { Worker } = await import('bullmq')
    const given = { ...(await connect({ maxRetriesPerRequest: null })), ...stalling }
    const working = new Worker<Job>(name, ({ data }) => carryOut(data), given).on('error', () => {})
    workers.push(working)
    return working
  }
  return {
    async send(job, at) {
      await (await queue()).add(job.do, job, { jobId: idOf(job, at), delay: Math.max(0, at - Date.now()) })
    },
    async schedule(timetable) {
      const [keeper, keys] = [await queue(), new Map(timetable.map((entry) => [keyOf(entry.name), entry]))]
      for (const { key } of await keeper.getJobSchedulers()) if (!keys.has(key)) await keeper.removeJobScheduler(key)
      for (const [key, entry] of keys) if (!(await stands(keeper, key, entry))) await put(keeper, key, entry)
    },
    async work(carryOut) {
      const working = await worker(carryOut)
      await stopped
      await working.close()
    },
    async workOff(carryOut) {
      let count = 0
      const working = await worker((job) => {
        count++
        return carryOut(job)
      })
      await idle(working)
      return count
    },
    async stop() {
      stop()
      // What was begun is waited for: whoever has no patience ends the process.
      for (const working of workers) await working.close()
      await (await starting)?.close()
      for (const client of clients) client.disconnect()
    },
  }
}

/** To put an entry again would take away its time that is due. */
async function stands(queue: Queue, key: string, { cron, timezone }: TimetableEntry): Promise<boolean> {
  const known = await queue.getJobScheduler(key)
  if (known?.pattern !== cron || known.tz !== timezone) return false
  return (await queue.getJob(`repeat:${key}:${known.next}`)) !== undefined
}

async function put(queue: Queue<Job>, key: string, { name: entry, cron, timezone }: TimetableEntry): Promise<void> {
  const template = { name: 'scheduled', data: { do: 'scheduled', entry } satisfies Job, opts: options }
  await queue.upsertJobScheduler(key, { pattern: cron, tz: timezone }, template)
}

async function idle(worker: Worker): Promise<void> {
  try {
    await once(worker, 'drained')
  } catch (error) {
    throw told(error)
  } finally {
    await worker.close()
  }
}

/** The same for the same job at the same time, so that it is one, whoever sends it, and when. */
const idOf = (job: Job, at: number): string => keyOf(JSON.stringify([job, at]))

/** A text may have signs that a key may not have. */
const keyOf = (text: string): string => `k${createHash('sha256').update(text).digest('hex').slice(0, 32)}`
