import type { Kinds, OwnersOptions, Selection } from '@dustpan/core/driver'
import type { SoftDeleteColumns } from '../options.ts'
import type { Table } from '../tables.ts'

/** The options of a driver instance for finding and removing by predicate. */
export interface PredicateOptions {
  readonly driver: string
  readonly kinds: Kinds
  readonly owners: OwnersOptions | undefined
  /** Tables that a reset does not touch unless they are named. */
  readonly ignoreTables: readonly string[]
  /**
   * The columns that mark rows as deleted, according to the selection, the options and the profile; undefined: rows are deleted.
   * @throws DustpanError if rows must be marked and no columns are configured.
   */
  setFor(selection: Selection, table: Table): SoftDeleteColumns | undefined
}
