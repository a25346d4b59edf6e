/** From the runner's events to runs: one, or in watch mode one after the other. */
import { prepareSettings, sweepAtStart, type Verdict } from '@dustpan/core/runner'
import { beginReportedRun } from './reported-run.ts'

/** What is used of the events that Node gives to reporters. */
export interface TestEvent {
  readonly type: string
  readonly data: { readonly todo?: string | boolean }
}

export interface FollowedRuns {
  /** In watch mode, when all files are done: the report of the run that ends with it. */
  follow(event: TestEvent): Promise<string> | undefined
  /** The report of the run. */
  end(): Promise<string>
}

/** Begins the first. @throws DustpanError for a mistake in the configuration. */
export async function followRuns(): Promise<FollowedRuns> {
  const settings = await prepareSettings(process.cwd())
  await sweepAtStart(settings)
  let run = beginReportedRun(settings)
  let verdict: Verdict = 'passed'
  return {
    follow({ type, data }) {
      if (type === 'test:fail' && data.todo === undefined) verdict = 'failed'
      if (type !== 'test:watch:drained') return undefined
      const [drained, ended] = [run, verdict]
      // Files that change while this one ends belong to the next.
      run = beginReportedRun(settings)
      verdict = 'passed'
      return drained.end(ended)
    },
    end: () => run.end(verdict),
  }
}
