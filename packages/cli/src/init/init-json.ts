import { diffOf } from './diff.ts'
import type { InitPlan } from './plan.ts'

export const planJson = ({
  folder,
  runners,
  stores,
  uncaptured,
  changes,
  byHand,
  packages,
  missing,
  install,
}: InitPlan) => ({
  folder,
  runners: runners.map(({ name }) => name),
  stores: stores.map(({ driver, variable }) => ({ driver, variable: variable ?? null })),
  uncaptured: uncaptured.map(({ packages, message, fix }) => ({ packages, message, fix })),
  changes: changes.map((change) => ({
    file: change.file,
    new: change.before === undefined,
    diff: diffOf(change).join('\n'),
  })),
  byHand,
  packages,
  missing,
  install: install?.join(' ') ?? null,
})
