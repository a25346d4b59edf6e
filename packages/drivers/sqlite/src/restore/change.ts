import { type Change, changeOf, isChange, type Removal, type RestoreArgs, type Target } from '@dustpan/core/driver'

/** Undefined for another operation. */
export function restoreArgs(removal: Removal): RestoreArgs | undefined {
  return isChange({ removal }) && removal.v === 1 ? (removal.args as unknown as RestoreArgs) : undefined
}

/** The changes among targets, the newest first. */
export function changesAmong(targets: readonly Target[]): readonly Change[] {
  const changes = targets.filter(({ removal }) => restoreArgs(removal)).map((target) => changeOf(target))
  return changes.sort((a, b) => b.last - a.last)
}
