import type { PredicatePlan } from '@dustpan/core'
import type { BulkOptions } from '../commands/bulk.ts'
import type { Call } from '../commands.ts'
import { type Confirmation, confirm } from '../confirm.ts'
import { counted } from '../counted.ts'

/** Asks whether to carry out the plan. */
export async function confirmRemoval(plan: PredicatePlan, call: Call<BulkOptions>): Promise<boolean> {
  const { options, terminal } = call
  const isConfirmed = options.yes || options.execute
  if (!isConfirmed || plan.total !== 'unknown')
    return confirm(call, plan.predicate.reset ? reset(plan) : removing(plan))
  // The number of matches is unknown, so a person must confirm.
  terminal.writeError(
    'Nothing was removed: the number of matches is unknown, so --yes is not enough. Run without it and answer the prompt, or give the endpoint a `list`, which Dustpan counts by.\n',
  )
  return false
}

const removing = ({ total }: PredicatePlan): Confirmation => ({
  question: `Remove ${numberOf(total)}? [y/N]`,
  act: 'remove them',
  untouched: 'Nothing was removed',
})

/** A reset must be confirmed by typing the environment's name. */
const reset = (plan: PredicatePlan): Confirmation => ({
  ...removing(plan),
  question: `This permanently removes ${numberOf(plan.total)}. To confirm, type the name of the environment (${plan.environment}):`,
  accepts: (answer) => answer === plan.environment,
})

const numberOf = (total: PredicatePlan['total']): string =>
  total === 'unknown' ? 'an unknown number of resources' : counted(total)
