import type { Kinds, OwnersOptions, Selection } from '@dustpan/core/driver'
import type { SoftDeleteColumns } from '../options.ts'
import type { Server } from '../sql/server.ts'

/** The parts of a driver instance and its database that predicates need. */
export interface PredicateStore {
  readonly driver: string
  readonly server: Server
  readonly database: string
  readonly kinds: Kinds
  readonly owners: OwnersOptions | undefined
  /**
   * The columns that mark rows instead of deleting them, by selection, options and profile.
   * @throws DustpanError if they must be marked and none are configured.
   */
  setFor(selection: Selection, table: string): SoftDeleteColumns | undefined
}
