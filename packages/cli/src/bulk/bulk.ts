/** `dustpan bulk`: count → plan → ask → remove → report. */
import { type PlannedRemoval, planRemoval } from '@dustpan/core/ledger'
import type { BulkOptions } from '../commands/bulk.ts'
import type { Call } from '../commands.ts'
import { type ExitCode, exitCode, isRefusal } from '../exit-code.ts'
import { interruptible } from '../interruptible.ts'
import { patienceMs } from '../patience.ts'
import { printError } from '../print-error.ts'
import { settingsFor } from '../settings.ts'
import { inShadow } from '../shadow.ts'
import { confirmRemoval } from './confirm-removal.ts'
import { outcomeText } from './outcome-text.ts'
import { planJson, planText } from './plan-text.ts'
import { whatToRemove } from './what.ts'

export async function bulk(given: Call<BulkOptions>): Promise<ExitCode> {
  const settings = await settingsFor(given)
  const call = inShadow(given, settings)
  const { options, terminal } = call
  await using removal = await planRemoval(settings, whatToRemove(options), patienceMs)
  const { plan } = removal
  const stops = options.dryRun || plan.refusal || plan.total === 0
  if (!options.json) terminal.write(planText(plan, terminal))
  const isConfirmed = !stops && (await confirmRemoval(plan, call))
  if (options.json && !isConfirmed) terminal.write(json(planJson(plan)))
  if (plan.refusal) return printError(plan.refusal, terminal)
  if (stops) return stopped(call, removal)
  if (!isConfirmed) return exitCode.left
  // A new controller: each store removes everything at once, so an abort could not prevent anything.
  return await interruptible(call, settings, new AbortController(), () => carryOut(call, removal))
}

/** The exit code without a removal: a store that could not be queried may still have matches. */
function stopped({ options, terminal }: Call<BulkOptions>, { plan }: PlannedRemoval): ExitCode {
  if (options.dryRun && plan.total !== 0 && !options.json) terminal.write('Nothing was removed: this is a dry run.\n')
  const isComplete = plan.stores.every(({ error, kinds }) => !error && kinds.every((kind) => !kind.error))
  return isComplete ? exitCode.done : exitCode.left
}

async function carryOut({ options, terminal }: Call<BulkOptions>, removal: PlannedRemoval): Promise<ExitCode> {
  const outcome = await removal.carryOut({ agreed: true })
  terminal.write(options.json ? json({ ...planJson(removal.plan), outcome }) : outcomeText(outcome, terminal))
  if (outcome.left.some(({ code }) => isRefusal(code))) return exitCode.refused
  return outcome.left.length > 0 ? exitCode.left : exitCode.done
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`
