export interface JobOutcome {
  readonly result: 'success' | 'failure' | 'skipped'
  readonly said: string
}

/** By the jobs' names; of several machines of one job, all they said. */
export type BuildOutcome = Readonly<Record<string, JobOutcome>>
