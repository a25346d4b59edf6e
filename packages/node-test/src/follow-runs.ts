/** Begins and ends runs on the events of Node's runner: one run, or in watch mode one after another. */
import { prepareSettings, type Settings, sweepAtStart, type Verdict } from '@dustpan/core/runner'
import { exitAtStart } from './exit-at-start.ts'
import { warnWithoutImport } from './incomplete.ts'
import { beginReportedRun } from './reported-run.ts'

/** The parts of Node's reporter events that Dustpan uses. */
export interface TestEvent {
  readonly type: string
  readonly data: { readonly todo?: string | boolean }
}

export interface FollowedRuns {
  /** The report of the run that the event ends: in watch mode, when all files are done. */
  follow(event: TestEvent): Promise<string> | undefined
  /** The report of the last run. */
  end(): Promise<string>
}

/** Begins the first run. A mistake in the configuration, or a refusal, ends the process before a file is started. */
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
      // Files that change while this run ends belong to the next one.
      run = beginReportedRun(settings)
      void run.announce()
      verdict = 'passed'
      return drained.end(ended)
    },
    end() {
      if (hasTests) warnWithoutImport()
      return run.end(verdict)
    },
  }
}

async function prepared(): Promise<Settings> {
  const settings = await prepareSettings(process.cwd())
  await sweepAtStart(settings)
  return settings
}
