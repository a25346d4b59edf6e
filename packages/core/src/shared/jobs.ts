/** Work for later, and what is done by the clock: by this process alone, or by an engine that several machines share. */
import type { RunId } from '../resource/resource.ts'

/** What is to be done, as plain data: another process may do it. */
export type Job =
  /** What is due of a run then. */
  | { readonly do: 'clean-run'; readonly run: RunId }
  /** What the timetable says; `entry` is its name there. */
  | { readonly do: 'scheduled'; readonly entry: string }

/** Once at each of these times. */
export interface TimetableEntry {
  readonly name: string
  /** Five fields, or six with seconds first: `0 3 * * *`. */
  readonly cron: string
  /** As in `Europe/Berlin`. */
  readonly timezone: string
}

/** Rejects when the job is to be tried again. */
export type CarryOut = (job: Job) => Promise<void>

/** Of several who work, one carries out each job. Whoever does it twice all the same finds nothing left to do. */
export interface Jobs {
  /** To be done at that time, in milliseconds since the epoch, or as soon as somebody works. The same job for the same time is one. */
  send(job: Job, at: number): Promise<void>
  /** The whole timetable, in place of the one from before. */
  schedule(timetable: readonly TimetableEntry[]): Promise<void>
  /** Carries out what is due, one after the other; ends when `stop` is called and what was begun is done. */
  work(carryOut: CarryOut): Promise<void>
  /** Carries out what is due by now, and ends. Says how many that were. */
  workOff(carryOut: CarryOut): Promise<number>
  /** Takes no further job; gives up what it holds. */
  stop(): Promise<void>
}
