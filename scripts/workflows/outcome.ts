export interface JobOutcome {
  readonly result: 'success' | 'failure' | 'skipped'
  readonly output: string
}

/** Outcomes by job; for several machines of one job, with all their output. */
export type BuildOutcome = Readonly<Record<string, JobOutcome>>
