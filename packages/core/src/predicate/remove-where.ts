import { loadSettings } from '../config/load.ts'
import type { WhatToRemove } from './asked.ts'
import type { HowToRemove } from './find.ts'
import type { PredicateOutcome } from './outcome.ts'
import type { PredicatePlan } from './plan.ts'
import { planRemoval } from './plan-removal.ts'

export interface RemoveWhereOptions extends WhatToRemove, HowToRemove {
  /** Called with the plan before anything is removed; only `true` continues. Without it the profile must allow `automatic` removal. */
  confirm?: (plan: PredicatePlan) => boolean | Promise<boolean>
  /** The configuration is searched from this folder upwards. @default the working directory */
  cwd?: string
}

/** Plans, confirms and removes; undefined: `confirm` declined. */
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
