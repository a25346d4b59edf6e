/** How the plan for things of a run is told: to people as it is made, to programs in one JSON value with its outcome. */
import type { LedgerRun } from '@dustpan/core/ledger'
import type { Call } from './commands.ts'
import { type ExitCode, exitCode } from './exit-code.ts'
import type { PlanOptions } from './plan-options.ts'
import { errorText, type ToldError } from './tell-error.ts'
import type { Terminal } from './terminal.ts'

interface Chosen {
  readonly due: readonly unknown[]
  readonly refusals: readonly ToldError[]
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
  /** Writes the plan with what came of it. */
  write(outcome: object): void
}

/** The plan waits for the outcome, so that there is one value; without an outcome it is the value. */
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
