import type { Change as ChangeBy, RestoreArgs as RestoreArgsOf } from '@dustpan/core/driver'

/** The arguments of `restore-row`. */
export interface RestoreArgs extends RestoreArgsOf {
  readonly schema: string
}

/** A row that is to be as it was. */
export type Change = ChangeBy<RestoreArgs>
