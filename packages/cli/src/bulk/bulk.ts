/** `dustpan bulk`: count → plan → ask → remove → tell. */
import { type PlannedRemoval, planRemoval } from '@dustpan/core/ledger'
import type { BulkOptions } from '../commands/bulk.ts'
import type { Call } from '../commands.ts'
import { type ExitCode, exitCode, isRefusal } from '../exit-code.ts'
import { interruptible } from '../interruptible.ts'
import { patienceMs } from '../patience.ts'
import { settingsFor } from '../settings.ts'
import { inShadow } from '../shadow.ts'
import { tellError } from '../tell-error.ts'
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
  const goes = !stops && (await confirmRemoval(plan, call))
  if (options.json && !goes) terminal.write(json(planJson(plan)))
  if (plan.refusal) return tellError(plan.refusal, terminal)
  if (stops) return stopped(call, removal)
  if (!goes) return exitCode.left
  // A store removes all of it at once: there is nothing that would not begin.
  return await interruptible(call, settings, new AbortController(), () => carryOut(call, removal))
}

/** A store that could not be asked may have what nobody saw. */
function stopped({ options, terminal }: Call<BulkOptions>, { plan }: PlannedRemoval): ExitCode {
  if (options.dryRun && plan.total !== 0 && !options.json) terminal.write('Nothing was removed: this is a dry run.\n')
  const isWhole = plan.stores.every(({ error, kinds }) => !error && kinds.every((kind) => !kind.error))
  return isWhole ? exitCode.done : exitCode.left
}

async function carryOut({ options, terminal }: Call<BulkOptions>, removal: PlannedRemoval): Promise<ExitCode> {
  const outcome = await removal.carryOut({ agreed: true })
  terminal.write(options.json ? json({ ...planJson(removal.plan), outcome }) : outcomeText(outcome, terminal))
  if (outcome.left.some(({ code }) => isRefusal(code))) return exitCode.refused
  return outcome.left.length > 0 ? exitCode.left : exitCode.done
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`
