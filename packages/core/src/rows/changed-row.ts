/** Rows that tests changed or deleted, and that are to be restored: `restore-row`. */

import type { Target } from '../resource/target.ts'
import type { LinesOfRows } from './changed-sets.ts'

/** The arguments of `restore-row`: by key, the log lines that contain the row before and after the change. Only the log contains the rows. */
export interface RestoreArgs {
  readonly table: string
  readonly columns: readonly string[]
  readonly run: string
  readonly scope: string
  readonly lines: LinesOfRows
}

/** A row to restore. */
export interface Change<Args extends RestoreArgs = RestoreArgs> {
  readonly target: Target
  readonly args: Args
  readonly first: number
  readonly last: number
}

export function isChange({ removal }: Pick<Target, 'removal'>): boolean {
  return removal.op === 'restore-row'
}

/** The change behind a removal by `restore-row`. */
export function changeOf<Args extends RestoreArgs>(target: Target): Change<Args> {
  const args = target.removal.args as unknown as Args
  const [first, last] = args.lines[JSON.stringify(target.key)] ?? [0, 0]
  return { target, args, first, last }
}
