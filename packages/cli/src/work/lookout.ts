/** Watches the ledger for resources that become due, and sends jobs for their runs. */
import { setTimeout } from 'node:timers/promises'
import { isDustpanError } from '@dustpan/core'
import { type Jobs, listRuns, type RunDue, type Settings, whenDue } from '@dustpan/core/ledger'
import { type ErrorInfo, errorInfo } from '../print-error.ts'

export interface Lookout {
  /** Sends a job for each run with due resources, scheduled for the due time. */
  look(): Promise<void>
  /** Looks repeatedly until aborted. An error is retried at the next look, and passed to `failed` only when it changes. */
  keepLooking(signal: AbortSignal, failed: (error: ErrorInfo) => void): Promise<void>
}

const lookEveryMs = 5_000
/** Delay before a failed removal is tried again. */
const tryAgainMs = 10 * 60_000

/** @param exchange called before each look, to exchange runs with other machines */
export function lookout(settings: Settings, jobs: Jobs, exchange: () => Promise<void>): Lookout {
  const known = new Map<string, RunDue>()
  /** For each run: its due times, and when a job was sent for each. */
  const requested = new Map<string, ReadonlyMap<number, number>>()
  const look = async () => {
    await exchange()
    for (const { id } of listRuns(settings.dir)) {
      const due = dueOf(settings, id, known.get(id))
      known.set(id, due)
      const now = Date.now()
      const before = requested.get(id) ?? new Map()
      const time = nextOf(due.times, before, now)
      if (time !== undefined) await jobs.send({ do: 'clean-run', run: id }, before.has(time) ? now : time)
      requested.set(id, updateRequested(due.times, before, time, now))
    }
  }
  return {
    look,
    async keepLooking(signal, failed) {
      let lastMessage = ''
      while (!signal.aborted) {
        const begun = performance.now()
        const error = await look().then(() => undefined, errorInfo)
        if (error && error.message !== lastMessage) failed(error)
        lastMessage = error?.message ?? ''
        // A large run in progress takes long to read: leave most of the time to other processes.
        const pause = lookEveryMs + 10 * (performance.now() - begun)
        await setTimeout(pause, undefined, { signal }).catch(() => {})
      }
    },
  }
}

const nothing: RunDue = { times: [], hasChanged: () => true }

function dueOf(settings: Settings, id: string, known: RunDue | undefined): RunDue {
  try {
    return known && !known.hasChanged() ? known : whenDue(settings, id)
  } catch (error) {
    // Its folder was just created, or is being deleted.
    if (isDustpanError(error) && error.code === 'DUSTPAN_UNKNOWN_RUN') return nothing
    throw error
  }
}

/** The first due time without a job, or whose job must be retried; undefined while a later job is pending. */
function nextOf(times: readonly number[], requested: ReadonlyMap<number, number>, now: number): number | undefined {
  for (const time of times) {
    const last = requested.get(time)
    if (last === undefined || last + tryAgainMs <= now) return time
    if (time > now) return undefined
  }
  return undefined
}

/** One job covers everything due by then. Times that are no longer due are dropped, as they may become due again. */
function updateRequested(
  times: readonly number[],
  before: ReadonlyMap<number, number>,
  time: number | undefined,
  now: number,
): ReadonlyMap<number, number> {
  const isTaken = (one: number) => time !== undefined && one <= Math.max(time, now)
  return new Map(
    times.flatMap((one) => {
      const at = time !== undefined && isTaken(one) && time <= now ? now : one === time ? one : before.get(one)
      return at === undefined ? [] : [[one, at]]
    }),
  )
}
