import type { Removal, Target } from '@dustpan/core/driver'
import { type Change, changeOf, isChange, type RestoreArgs } from '@dustpan/core/rows'

/** Undefined for other operations. */
export function restoreArgs(removal: Removal): RestoreArgs | undefined {
  return isChange({ removal }) && removal.v === 1 ? (removal.args as unknown as RestoreArgs) : undefined
}

/** The changes among the targets, newest first. */
export function changesAmong(targets: readonly Target[]): readonly Change[] {
  const changes = targets.filter(({ removal }) => restoreArgs(removal)).map((target) => changeOf(target))
  return changes.sort((a, b) => b.last - a.last)
}
