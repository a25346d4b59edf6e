/** Jobs kept in the memory of this process; after a restart, the lookout finds them again. */
import { setTimeout } from 'node:timers/promises'
import { DustpanError } from '@dustpan/core'
import type { CarryOut, Job, Jobs, TimetableEntry } from '@dustpan/core/ledger'
import { Cron } from 'croner'

interface Scheduled {
  readonly job: Job
  readonly cron: Cron
  next: number
}

const pauseMs = 1_000

/** Several processes may work at once: the locks of runs let only one carry out each job. */
export function localJobs(): Jobs {
  const waiting = new Map<string, { readonly job: Job; readonly at: number }>()
  let timetable: readonly Scheduled[] = []
  const stopped = new AbortController()
  const takeDue = (): Job | undefined => {
    const now = Date.now()
    for (const entry of timetable) {
      if (entry.next > now) continue
      entry.next = nextRun(entry.cron, now)
      return entry.job
    }
    const [key, due] = [...waiting].find(([, { at }]) => at <= now) ?? []
    if (key !== undefined) waiting.delete(key)
    return due?.job
  }
  const workOff = async (carryOut: CarryOut) => {
    let count = 0
    for (let job = takeDue(); job && !stopped.signal.aborted; job = takeDue()) {
      // The next look finds it again.
      await carryOut(job).catch(() => {})
      count++
    }
    return count
  }
  return {
    async send(job, at) {
      waiting.set(JSON.stringify([job, at]), { job, at })
    },
    async schedule(entries) {
      timetable = entries.map(scheduled)
    },
    async work(carryOut) {
      while (!stopped.signal.aborted) {
        await workOff(carryOut)
        await setTimeout(pauseMs, undefined, { signal: stopped.signal }).catch(() => {})
      }
    },
    workOff,
    async stop() {
      stopped.abort()
    },
  }
}

function scheduled(entry: TimetableEntry): Scheduled {
  const cron = cronOf(entry)
  return { job: { do: 'scheduled', entry: entry.name }, cron, next: nextRun(cron, Date.now()) }
}

/** @throws DustpanError `DUSTPAN_CONFIG_INVALID` */
export function cronOf({ name, cron, timezone }: TimetableEntry): Cron {
  try {
    return new Cron(cron, { timezone })
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new DustpanError(
      'DUSTPAN_CONFIG_INVALID',
      `${name}.cron: ${JSON.stringify(cron)} is not a cron expression: ${why}`,
      {
        hint: 'Minute, hour, day of the month, month, day of the week: 0 3 * * * is every night at 3:00.',
        cause,
      },
    )
  }
}

const nextRun = (cron: Cron, after: number): number =>
  cron.nextRun(new Date(after))?.getTime() ?? Number.POSITIVE_INFINITY
