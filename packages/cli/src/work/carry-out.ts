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
import { type ToldError, toldError } from '../tell-error.ts'

/** What became of one run. */
export interface Done {
  readonly run: string
  /** Of the timetable, where that asked for it. */
  readonly entry?: string
  /** What was due, as it is now. */
  readonly found: readonly Resource[]
  /** Why nothing could be done. */
  readonly error?: ToldError
}

export const isFine = ({ found, error }: Done): boolean =>
  error === undefined && found.every(({ state }) => isGone(state) || state === 'kept')

/** Rejects if something could not be removed and must be tried again. */
export function worker(settings: Settings, stop: AbortSignal, tell: (done: Done) => void): CarryOut {
  const clean = async (run: string, entry?: string): Promise<boolean> => {
    const done = { ...(await cleaned(settings, run, stop)), ...(entry === undefined ? {} : { entry }) }
    if (done.found.length > 0 || done.error) tell(done)
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
  // Another version of the configuration had it.
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
    // Somebody else does it, or the run was deleted.
    if (isDustpanError(error) && elsewhere.has(error.code)) return { run, found: [] }
    return { run, found: [], error: toldError(error) }
  }
}

const elsewhere: ReadonlySet<string> = new Set(['DUSTPAN_RUN_LOCKED', 'DUSTPAN_UNKNOWN_RUN'])
