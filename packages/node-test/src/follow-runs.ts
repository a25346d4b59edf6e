/** From the runner's events to runs: one, or in watch mode one after the other. */
import { prepareSettings, type Settings, sweepAtStart, type Verdict } from '@dustpan/core/runner'
import { exitAtStart } from './exit-at-start.ts'
import { tellWithoutImport } from './incomplete.ts'
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

/** Begins the first. A mistake in the configuration, and what is refused, ends the process: no file is started. */
export async function followRuns(): Promise<FollowedRuns> {
  const settings = await prepared().catch(exitAtStart)
  let run = beginReportedRun(settings)
  await run.announce()
  let verdict: Verdict = 'passed'
  let hasTests = false
  return {
    follow({ type, data }) {
      hasTests ||= type === 'test:pass' || type === 'test:fail'
      if (type === 'test:fail' && data.todo === undefined) verdict = 'failed'
      if (type !== 'test:watch:drained') return undefined
      const [drained, ended] = [run, verdict]
      // Files that change while this one ends belong to the next.
      run = beginReportedRun(settings)
      void run.announce()
      verdict = 'passed'
      return drained.end(ended)
    },
    end() {
      if (hasTests) tellWithoutImport()
      return run.end(verdict)
    },
  }
}

async function prepared(): Promise<Settings> {
  const settings = await prepareSettings(process.cwd())
  await sweepAtStart(settings)
  return settings
}
