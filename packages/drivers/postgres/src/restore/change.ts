import type { Change as ChangeBy, RestoreArgs as RestoreArgsOf } from '@dustpan/core/rows'

/** The arguments of `restore-row`. */
export interface RestoreArgs extends RestoreArgsOf {
  readonly schema: string
}

/** A change of a row that is to be undone. */
export type Change = ChangeBy<RestoreArgs>
