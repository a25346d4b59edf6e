import type { Kinds, OwnersOptions, Selection } from '@dustpan/core/driver'
import type { SoftDeleteColumns } from '../options.ts'
import type { Table } from '../tables.ts'

/** What finding and removing by predicate needs of a driver instance. */
export interface PredicateOptions {
  readonly driver: string
  readonly kinds: Kinds
  readonly owners: OwnersOptions | undefined
  /** Tables that a reset leaves as they are, unless they are named. */
  readonly ignoreTables: readonly string[]
  /** How rows are marked instead of deleted, as the selection, the options and the profile say. @throws DustpanError where nothing says how. */
  setFor(selection: Selection, table: Table): SoftDeleteColumns | undefined
}
