import { renderGithub, renderGithubAlerts } from '../report/github.ts'
import type { CleanupReport } from '../report/model.ts'
import { renderText } from '../report/text.ts'
import { isBad, isUnreachable, states, type Verdict } from '../resource/resource.ts'
import type { MainRun } from './run.ts'

export interface Conclusion {
  /** Undefined if nothing was tracked. */
  readonly report: CleanupReport | undefined
  /** Whether the runner must exit with a failure: something was not removed, and `onCleanupFailure` is `fail`, or `alerts.fail` is set. */
  readonly fails: boolean
}

/** Ends a run and prints its report; prints nothing if nothing was tracked. Never rejects. */
export async function concludeRun(
  run: MainRun,
  verdict: Verdict,
  print: (text: string) => void,
  wasRetried?: Parameters<MainRun['end']>[1],
): Promise<Conclusion> {
  const report = await run.end(verdict, wasRetried)
  if (report) for (const text of texts(report, run)) if (text !== '') print(text)
  const { cleanup } = run.ticket.settings
  return {
    report,
    fails: report !== undefined && (isAlarming(run) || (cleanup.onCleanupFailure === 'fail' && hasBad(report))),
  }
}

function texts(report: CleanupReport, { ticket, alerts }: MainRun): string[] {
  const { root } = ticket.settings
  const isGithub = process.env.GITHUB_ACTIONS === 'true'
  return [renderText(report), ...(isGithub ? [renderGithub(report, root), renderGithubAlerts(alerts, root)] : [])]
}

const isAlarming = ({ alerts, ticket }: MainRun): boolean => alerts.length > 0 && ticket.settings.alerts?.fail === true

/** Includes resources whose store was unreachable. */
const hasBad = ({ totals, scopes }: CleanupReport): boolean =>
  states.some((state) => isBad(state) && totals[state] > 0) ||
  scopes.some(({ resources }) => resources.some(isUnreachable))
