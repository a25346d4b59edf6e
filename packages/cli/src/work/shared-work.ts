/** Work shared by several machines: runs are shipped before a job is sent, and imported before it is carried out. */
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
  /** Never rejects: runs that cannot be exchanged now are exchanged at the next look. */
  exchange(): Promise<void>
  /** Imports runs first; rejects if the job's run is unknown on this machine. */
  withKnownRun(carryOut: CarryOut): CarryOut
}

const budgetMs = 10_000

/** Without a shared ledger, jobs and runs are local to this machine. */
export async function sharedWork(settings: Settings): Promise<SharedWork> {
  const ledger = await sharedLedger(settings)
  if (!ledger) return { jobs: localJobs(), exchange: async () => {}, withKnownRun: (carryOut) => carryOut }
  return {
    jobs: ledger.jobs(),
    async exchange() {
      try {
        await shipRuns(settings, budgetMs)
        await bringInRuns(settings)
      } catch {}
    },
    withKnownRun: (carryOut) => async (job) => {
      await bringInRuns(settings)
      if (!isKnown(job, settings))
        throw new Error('This machine does not have the run yet: another may, or this one later.')
      await carryOut(job)
    },
  }
}

const isKnown = (job: Job, { dir }: Settings): boolean =>
  job.do !== 'clean-run' || listRuns(dir).some(({ id }) => id === job.run)
