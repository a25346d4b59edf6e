/** Prints the plan for a run: as text at once, as JSON in one value together with the outcome. */
import type { LedgerRun } from '@dustpan/core/ledger'
import type { Call } from './commands.ts'
import { type ExitCode, exitCode } from './exit-code.ts'
import type { PlanOptions } from './plan-options.ts'
import { type ErrorInfo, errorText } from './print-error.ts'
import type { Terminal } from './terminal.ts'

interface Chosen {
  readonly due: readonly unknown[]
  readonly refusals: readonly ErrorInfo[]
}

export interface PlanOutput<Choice extends Chosen> {
  nothing(why: string): ExitCode
  plan(run: LedgerRun, choice: Choice): void
}

/** `Nothing to clean up`, `Nothing was removed`. */
export interface PlanWords {
  readonly nothing: string
  readonly untouched: string
}

export function textPlan<Choice extends Chosen>(
  { terminal, options }: Call<PlanOptions>,
  { nothing, untouched }: PlanWords,
  planText: (run: LedgerRun, choice: Choice, terminal: Terminal) => string,
): PlanOutput<Choice> {
  return {
    nothing(why) {
      terminal.write(`${nothing}: ${why}.\n`)
      return exitCode.done
    },
    plan(run, choice) {
      terminal.write(planText(run, choice, terminal))
      for (const refusal of choice.refusals) terminal.writeError(errorText(refusal, terminal))
      if (options.dryRun && choice.due.length > 0) terminal.write(`${untouched}: this is a dry run.\n`)
    },
  }
}

export interface JsonPlan<Choice extends Chosen> extends PlanOutput<Choice> {
  /** Writes the plan together with its outcome. */
  write(outcome: object): void
}

/** Holds the plan back until the outcome, so that one JSON value is printed. Without an outcome it prints the plan. */
export function jsonPlan<Choice extends Chosen>(
  { terminal, options }: Call<PlanOptions>,
  planJson: (run: LedgerRun, choice: Choice) => object,
): JsonPlan<Choice> {
  let plan: object = {}
  const write = (value: object) => terminal.write(`${JSON.stringify(value, null, 2)}\n`)
  return {
    nothing() {
      write({ run: null, plan: [] })
      return exitCode.done
    },
    plan(run, choice) {
      plan = planJson(run, choice)
      if (options.dryRun || !(options.yes || options.execute) || choice.due.length === 0) write(plan)
    },
    write: (outcome) => write({ ...plan, ...outcome }),
  }
}
