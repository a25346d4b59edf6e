import { loadSettings } from '../config/load.ts'
import type { WhatToRemove } from './asked.ts'
import type { HowToRemove } from './find.ts'
import type { PredicateOutcome } from './outcome.ts'
import type { PredicatePlan } from './plan.ts'
import { planRemoval } from './plan-removal.ts'

export interface RemoveWhereOptions extends WhatToRemove, HowToRemove {
  /** Asked before anything is removed, with what would go; anything but `true` leaves it. Without it the profile must allow `automatic` removal. */
  confirm?: (plan: PredicatePlan) => boolean | Promise<boolean>
  /** The configuration is looked for from here upwards. @default the working directory */
  cwd?: string
}

/** Plan → agree → remove; undefined: `confirm` said no. */
export async function planAndRemove({
  confirm,
  cwd = process.cwd(),
  ...what
}: RemoveWhereOptions): Promise<PredicateOutcome | undefined> {
  await using removal = await planRemoval(await loadSettings(cwd), what)
  if (removal.plan.refusal) throw removal.plan.refusal
  const agreed = confirm ? (await confirm(removal.plan)) === true : false
  return confirm && !agreed ? undefined : await removal.carryOut({ agreed })
}
