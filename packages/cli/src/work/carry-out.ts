/** Carries out a job: recovers runs as `dustpan orphans` does. */
import { isDustpanError } from '@dustpan/core'
import {
  type CarryOut,
  isGone,
  type Job,
  listRuns,
  orphansOf,
  type Resource,
  recoverRun,
  type Settings,
} from '@dustpan/core/ledger'
import { type ErrorInfo, errorInfo } from '../print-error.ts'

/** The outcome of one run. */
export interface Done {
  readonly run: string
  /** The timetable entry that requested it, if any. */
  readonly entry?: string
  /** The resources that were due, in their current state. */
  readonly found: readonly Resource[]
  /** Why the run could not be cleaned. */
  readonly error?: ErrorInfo
}

export const isFine = ({ found, error }: Done): boolean =>
  error === undefined && found.every(({ state }) => isGone(state) || state === 'kept')

/** The returned function rejects if something could not be removed and the job must be retried. */
export function worker(settings: Settings, stop: AbortSignal, report: (done: Done) => void): CarryOut {
  const clean = async (run: string, entry?: string): Promise<boolean> => {
    const done = { ...(await cleaned(settings, run, stop)), ...(entry === undefined ? {} : { entry }) }
    if (done.found.length > 0 || done.error) report(done)
    return isFine(done)
  }
  return async (job) => {
    const failed: string[] = []
    for (const run of runsOf(job, settings)) if (stop.aborted || !(await clean(run, entryOf(job)))) failed.push(run)
    if (failed.length > 0) throw new Error(`Not everything was removed of ${failed.join(', ')}.`)
  }
}

const entryOf = (job: Job): string | undefined => (job.do === 'scheduled' ? job.entry : undefined)

function runsOf(job: Job, settings: Settings): readonly string[] {
  if (job.do === 'clean-run') return [job.run]
  const entry = settings.schedule.find(({ name }) => name === job.entry)
  // The entry is from another version of the configuration.
  if (!entry) return []
  const before = Date.now() - entry.olderThanMs
  return listRuns(settings.dir)
    .map(({ id }) => id)
    .filter((id) => (orphansOf(settings, id)?.run.latestAt ?? Number.POSITIVE_INFINITY) <= before)
}

async function cleaned(settings: Settings, run: string, stop: AbortSignal): Promise<Done> {
  try {
    return { run, found: await recoverRun(settings, run, { role: 'cli', runner: 'dustpan work', stop }) }
  } catch (error) {
    // Another process cleans up the run, or it was deleted.
    if (isDustpanError(error) && expectedCodes.has(error.code)) return { run, found: [] }
    return { run, found: [], error: errorInfo(error) }
  }
}

const expectedCodes: ReadonlySet<string> = new Set(['DUSTPAN_RUN_LOCKED', 'DUSTPAN_UNKNOWN_RUN'])
