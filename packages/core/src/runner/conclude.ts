import { renderGithub } from '../report/github.ts'
import type { CleanupReport } from '../report/model.ts'
import { renderText } from '../report/text.ts'
import { isBad, states, type Verdict } from '../resource/resource.ts'
import type { MainRun } from './run.ts'

export interface Conclusion {
  /** Undefined: nothing was tracked. */
  readonly report: CleanupReport | undefined
  /** Whether the runner's exit code has to tell of it: something was not removed, and `onCleanupFailure` is `fail`. */
  readonly fails: boolean
}

/** Ends a run, and prints what became of its data; nothing where nothing was tracked. Never rejects. */
export async function concludeRun(run: MainRun, verdict: Verdict, print: (text: string) => void): Promise<Conclusion> {
  const report = await run.end(verdict)
  if (report) for (const text of texts(report, run.ticket.settings.root)) if (text !== '') print(text)
  return {
    report,
    fails: run.ticket.settings.cleanup.onCleanupFailure === 'fail' && report !== undefined && hasBad(report),
  }
}

function texts(report: CleanupReport, root: string): string[] {
  return [renderText(report), process.env.GITHUB_ACTIONS === 'true' ? renderGithub(report, root) : '']
}

const hasBad = ({ totals }: CleanupReport): boolean => states.some((state) => isBad(state) && totals[state] > 0)
