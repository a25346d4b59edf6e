/** Deferred and scheduled work: done by this process alone, or by an engine that several machines share. */
import type { RunId } from '../resource/resource.ts'

/** A unit of work as plain data, so that another process can do it. */
export type Job =
  /** Removes whatever is due of the run at that time. */
  | { readonly do: 'clean-run'; readonly run: RunId }
  /** A scheduled cleanup; `entry` is its name in the timetable. */
  | { readonly do: 'scheduled'; readonly entry: string }

/** Runs once at each of these times. */
export interface TimetableEntry {
  readonly name: string
  /** Five fields, or six with seconds first: `0 3 * * *`. */
  readonly cron: string
  /** For example `Europe/Berlin`. */
  readonly timezone: string
}

/** Rejects if the job is to be retried. */
export type CarryOut = (job: Job) => Promise<void>

/** Of several workers, one carries out each job. Carrying a job out twice is harmless: the second time there is nothing left to do. */
export interface Jobs {
  /** Runs the job at that time (milliseconds since the epoch), or as soon as a worker is available. The same job for the same time is one job. */
  send(job: Job, at: number): Promise<void>
  /** Replaces the whole timetable. */
  schedule(timetable: readonly TimetableEntry[]): Promise<void>
  /** Carries out due jobs one by one; ends after `stop` is called and the current job is done. */
  work(carryOut: CarryOut): Promise<void>
  /** Carries out the jobs that are due now, and returns how many there were. */
  workOff(carryOut: CarryOut): Promise<number>
  /** Takes no further jobs, and releases those it holds. */
  stop(): Promise<void>
}
