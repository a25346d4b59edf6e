import type { Kinds, OwnersOptions, Selection } from '@dustpan/core/driver'
import type { SoftDeleteColumns } from '../options.ts'
import type { Server } from '../sql/server.ts'

/** What finding and removing by predicate needs of a driver instance and its database. */
export interface PredicateStore {
  readonly driver: string
  readonly server: Server
  readonly database: string
  readonly kinds: Kinds
  readonly owners: OwnersOptions | undefined
  /** How rows are marked instead of deleted, as the selection, the options and the profile say. @throws DustpanError where nothing says how. */
  setFor(selection: Selection, table: string): SoftDeleteColumns | undefined
}
