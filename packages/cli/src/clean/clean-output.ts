/** The output of `dustpan clean`: text as it proceeds, or one JSON value at the end. */
import { type CleanupReport, type LedgerRun, narrowReport, renderText } from '@dustpan/core/ledger'
import type { CleanOptions } from '../commands/clean.ts'
import type { Call } from '../commands.ts'
import { jsonPlan, type PlanOutput, textPlan } from '../plan-output.ts'
import type { Choice } from '../removal/choose-due.ts'
import { planText } from '../removal/plan-text.ts'
import { planJson } from './plan-json.ts'

export interface CleanOutput extends PlanOutput<Choice> {
  /** Shows the progress until the returned function is called. */
  progress(done: () => number, of: number): () => void
  /** @param count the resources that another process has handled since the plan was made */
  others(count: number): void
  outcome(run: LedgerRun, report: CleanupReport, ids: ReadonlySet<string>): void
}

export function cleanOutput(call: Call<CleanOptions>): CleanOutput {
  return call.options.json ? jsonOutput(call) : textOutput(call)
}

const words = { nothing: 'Nothing to clean up', untouched: 'Nothing was removed' }

function textOutput(call: Call<CleanOptions>): CleanOutput {
  const { terminal } = call
  return {
    ...textPlan(call, words, planText),
    progress(done, of) {
      const timer = setInterval(() => terminal.progress(`Removing ${done()} of ${of}`), 100)
      return () => {
        clearInterval(timer)
        terminal.progress('')
      }
    },
    others(count) {
      if (count === 0) return
      terminal.write(`Another process already handled ${count.toLocaleString('en')} of these.\n`)
    },
    outcome(_run, report, ids) {
      if (ids.size === 0) return terminal.write('Nothing left to remove.\n')
      const text = renderText(narrowReport(report, ids), {
        color: terminal.colour,
        width: terminal.width,
        maxRemoved: 50,
      })
      terminal.write(`\n${text}\n`)
    },
  }
}

function jsonOutput(call: Call<CleanOptions>): CleanOutput {
  const { write, ...plan } = jsonPlan(call, planJson)
  return {
    ...plan,
    progress: () => () => {},
    others() {},
    outcome: (run, report, ids) =>
      write({ resources: run.records().filter(({ id }) => ids.has(id)), totals: report.totals }),
  }
}
