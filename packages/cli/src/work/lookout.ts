/** Knows when which run has something due; looks again and again, so that new runs are noticed. */
import { setTimeout } from 'node:timers/promises'
import { isDustpanError } from '@dustpan/core'
import { type Jobs, listRuns, type RunDue, type Settings, whenDue } from '@dustpan/core/ledger'
import { type ToldError, toldError } from '../tell-error.ts'

export interface Lookout {
  /** Sends a job for each run that has something due, for its time. */
  look(): Promise<void>
  /** Until aborted. What goes wrong is tried again at the next look; `failed` hears of it once, as long as it stays the same. */
  keepLooking(signal: AbortSignal, failed: (error: ToldError) => void): Promise<void>
}

const lookEveryMs = 5_000
/** What could not be removed when it was due is tried again so much later. */
const tryAgainMs = 10 * 60_000

/** `exchange`: with other machines, before each look. */
export function lookout(settings: Settings, jobs: Jobs, exchange: () => Promise<void>): Lookout {
  const known = new Map<string, RunDue>()
  /** For each run: when which of its times was asked for. */
  const asked = new Map<string, ReadonlyMap<number, number>>()
  const look = async () => {
    await exchange()
    for (const { id } of listRuns(settings.dir)) {
      const due = dueOf(settings, id, known.get(id))
      known.set(id, due)
      const now = Date.now()
      const before = asked.get(id) ?? new Map()
      const time = nextOf(due.times, before, now)
      if (time !== undefined) await jobs.send({ do: 'clean-run', run: id }, before.has(time) ? now : time)
      asked.set(id, askedSince(due.times, before, time, now))
    }
  }
  return {
    look,
    async keepLooking(signal, failed) {
      let told = ''
      while (!signal.aborted) {
        const begun = performance.now()
        const error = await look().then(() => undefined, toldError)
        if (error && error.message !== told) failed(error)
        told = error?.message ?? ''
        // A large run that goes on takes long to read: most of the time is for others.
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
    // Its folder was made a moment ago, or is being deleted.
    if (isDustpanError(error) && error.code === 'DUSTPAN_UNKNOWN_RUN') return nothing
    throw error
  }
}

/** The first that nobody has asked for, or so long ago that it is to be tried again; none before one that is still waited for. */
function nextOf(times: readonly number[], asked: ReadonlyMap<number, number>, now: number): number | undefined {
  for (const time of times) {
    const last = asked.get(time)
    if (last === undefined || last + tryAgainMs <= now) return time
    if (time > now) return undefined
  }
  return undefined
}

/** One job takes all that is due by then. What is due no more is forgotten: it may be so again. */
function askedSince(
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
