/** Work that several machines share: before a job is asked for, the others know of its run; and before it is done, this one does. */
import {
  bringInRuns,
  type CarryOut,
  type Job,
  type Jobs,
  listRuns,
  type Settings,
  sharedLedger,
  shipRuns,
} from '@dustpan/core/ledger'
import { localJobs } from './local-jobs.ts'

export interface SharedWork {
  readonly jobs: Jobs
  /** Never rejects: what cannot be exchanged now is so at the next look. */
  exchange(): Promise<void>
  known(carryOut: CarryOut): CarryOut
}

const budgetMs = 10_000

/** Without a shared ledger, jobs and runs are of this machine alone. */
export async function sharedWork(settings: Settings): Promise<SharedWork> {
  const ledger = await sharedLedger(settings)
  if (!ledger) return { jobs: localJobs(), exchange: async () => {}, known: (carryOut) => carryOut }
  return {
    jobs: ledger.jobs(),
    async exchange() {
      try {
        await shipRuns(settings, budgetMs)
        await bringInRuns(settings)
      } catch {}
    },
    known: (carryOut) => async (job) => {
      await bringInRuns(settings)
      if (!isKnown(job, settings))
        throw new Error('This machine does not have the run yet: another may, or this one later.')
      await carryOut(job)
    },
  }
}

const isKnown = (job: Job, { dir }: Settings): boolean =>
  job.do !== 'clean-run' || listRuns(dir).some(({ id }) => id === job.run)
