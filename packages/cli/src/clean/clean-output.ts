/** What `dustpan clean` tells: to people as it goes, to programs one JSON value at the end. */
import { type CleanupReport, type LedgerRun, narrowReport, renderText } from '@dustpan/core/ledger'
import type { CleanOptions } from '../commands/clean.ts'
import type { Call } from '../commands.ts'
import { type ExitCode, exitCode } from '../exit-code.ts'
import { errorText } from '../tell-error.ts'
import type { Choice } from './choose-due.ts'
import { planJson } from './plan-json.ts'
import { planText } from './plan-text.ts'

export interface CleanOutput {
  nothing(why: string): ExitCode
  plan(run: LedgerRun, choice: Choice): void
  /** Tells how many are done, now and then; gives what ends that. */
  progress(done: () => number, of: number): () => void
  outcome(run: LedgerRun, report: CleanupReport, ids: ReadonlySet<string>): void
}

export function cleanOutput(call: Call<CleanOptions>): CleanOutput {
  return call.options.json ? jsonOutput(call) : textOutput(call)
}

function textOutput({ terminal, options }: Call<CleanOptions>): CleanOutput {
  return {
    nothing(why) {
      terminal.write(`Nothing to clean up: ${why}.\n`)
      return exitCode.done
    },
    plan(run, choice) {
      terminal.write(planText(run, choice, terminal))
      for (const refusal of choice.refusals) terminal.complain(errorText(refusal, terminal))
      if (options.dryRun && choice.due.length > 0) terminal.write('Nothing was removed: this is a dry run.\n')
    },
    progress(done, of) {
      const timer = setInterval(() => terminal.progress(`Removing ${done()} of ${of}`), 100)
      return () => {
        clearInterval(timer)
        terminal.progress('')
      }
    },
    outcome(_run, report, ids) {
      const text = renderText(narrowReport(report, ids), {
        color: terminal.colour,
        width: terminal.width,
        maxRemoved: 50,
      })
      terminal.write(`\n${text}\n`)
    },
  }
}

/** The plan waits for the outcome, so that there is one value; without an outcome it is the value. */
function jsonOutput({ terminal, options }: Call<CleanOptions>): CleanOutput {
  let plan: object = {}
  const write = (value: object) => terminal.write(`${JSON.stringify(value, null, 2)}\n`)
  return {
    nothing() {
      write({ run: null, plan: [] })
      return exitCode.done
    },
    plan(run, choice) {
      plan = planJson(run, choice)
      const stopsHere = options.dryRun || !(options.yes || options.execute) || choice.due.length === 0
      if (stopsHere) write(plan)
    },
    progress: () => () => {},
    outcome(run, report, ids) {
      write({ ...plan, resources: run.records().filter(({ id }) => ids.has(id)), totals: report.totals })
    },
  }
}
