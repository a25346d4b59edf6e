/** The output of `dustpan forget`: text as it proceeds, or one JSON value at the end. */
import type { ForgetOptions } from '../commands/forget.ts'
import type { Call } from '../commands.ts'
import { counted } from '../counted.ts'
import { type RecordPlan, recordPlanText } from '../record-plan.ts'

export interface ForgetOutput {
  plan(found: readonly RecordPlan[], count: number): void
  done(found: readonly RecordPlan[], count: number): void
}

export function forgetOutput(call: Call<ForgetOptions>): ForgetOutput {
  return call.options.json ? jsonOutput(call) : textOutput(call)
}

function textOutput({ terminal, options }: Call<ForgetOptions>): ForgetOutput {
  return {
    plan(found, count) {
      terminal.write(recordPlanText(found, terminal))
      if (count === 0) terminal.write('Nothing to forget.\n')
      else if (options.dryRun) terminal.write('Nothing was forgotten: this is a dry run.\n')
    },
    done(_found, count) {
      terminal.write(`${counted(count)} forgotten. Nothing was removed.\n`)
    },
  }
}

function jsonOutput({ terminal, options }: Call<ForgetOptions>): ForgetOutput {
  const write = (found: readonly RecordPlan[], forgotten: boolean) =>
    terminal.write(`${JSON.stringify({ runs: found.map(runJson), forgotten }, null, 2)}\n`)
  return {
    plan(found, count) {
      if (options.dryRun || !(options.yes || options.execute) || count === 0) write(found, false)
    },
    done: (found) => write(found, true),
  }
}

function runJson({ run, due, busy }: RecordPlan): object {
  return {
    run: run.folded.id,
    forgets: due.map(({ id, type, key, state, store, storeId }) => ({ id, type, key, state, store, storeId })),
    inUse: busy.map(({ id }) => id),
  }
}
