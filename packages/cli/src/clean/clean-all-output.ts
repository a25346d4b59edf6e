/** The output of `dustpan clean --all`: text run by run, or one JSON value at the end. */
import type { LedgerRun } from '@dustpan/core/ledger'
import type { CleanOptions } from '../commands/clean.ts'
import type { Call } from '../commands.ts'
import { type ErrorInfo, errorText } from '../print-error.ts'
import type { Choice } from '../removal/choose-due.ts'
import { planText } from '../removal/plan-text.ts'
import { type CleanOutput, cleanOutput } from './clean-output.ts'
import type { FinishedRuns } from './finished-runs.ts'
import { planJson } from './plan-json.ts'

export interface CleanAllOutput extends Pick<CleanOutput, 'progress' | 'others' | 'outcome'> {
  leftOut(runs: FinishedRuns): void
  plan(run: LedgerRun, choice: Choice): void
  /** Reports a run that could not be cleaned. */
  failed(run: string, why: ErrorInfo): void
  /** @param due the number of planned resources */
  end(due: number): void
}

export function cleanAllOutput(call: Call<CleanOptions>): CleanAllOutput {
  return call.options.json ? jsonOutput(call) : textOutput(call)
}

function textOutput(call: Call<CleanOptions>): CleanAllOutput {
  const { terminal, options } = call
  const { progress, others, outcome } = cleanOutput(call)
  return {
    progress,
    others,
    outcome,
    leftOut({ live, elsewhere }) {
      const print = (why: string, ids: readonly string[]) =>
        ids.length > 0 && terminal.write(`${why}: ${ids.join(', ')}\n`)
      print('Left out, still running', live)
      print('Left out, run on other machines', elsewhere)
    },
    plan(run, choice) {
      terminal.write(planText(run, choice, terminal))
      for (const refusal of choice.refusals) terminal.writeError(errorText(refusal, terminal))
    },
    failed(run, why) {
      terminal.writeError(`Run ${run} was not cleaned up:\n${errorText(why, terminal)}`)
    },
    end(due) {
      if (due === 0) terminal.write(`Nothing to clean up: ${noneLeft(options)}.\n`)
      else if (options.dryRun) terminal.write('Nothing was removed: this is a dry run.\n')
    },
  }
}

const noneLeft = ({ type, test, state, expired }: CleanOptions): string =>
  type || test !== undefined || state || expired
    ? 'no finished run of this machine has left resources that match'
    : 'no finished run of this machine has left resources that can be removed'

function jsonOutput({ terminal }: Call<CleanOptions>): CleanAllOutput {
  const runs = new Map<string, object>()
  const add = (id: string, value: object) => void runs.set(id, { ...(runs.get(id) ?? { run: id }), ...value })
  let left: Omit<FinishedRuns, 'finished'> = { live: [], elsewhere: [] }
  return {
    leftOut({ live, elsewhere }) {
      left = { live, elsewhere }
    },
    plan: (run, choice) => add(run.folded().id, planJson(run, choice)),
    progress: () => () => {},
    others() {},
    outcome: (run, report, ids) =>
      add(run.folded().id, { resources: run.records().filter(({ id }) => ids.has(id)), totals: report.totals }),
    failed: (run, error) => add(run, { error }),
    end: () => terminal.write(`${JSON.stringify({ runs: [...runs.values()], leftOut: left }, null, 2)}\n`),
  }
}
