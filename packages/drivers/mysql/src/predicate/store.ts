import type { Selection } from '@dustpan/core/driver'
import type { SetColumns } from '@dustpan/core/rows'
import type { Settings } from '../options.ts'
import type { StoreClient } from '../removal/own-client.ts'
import type { Table } from '../tables.ts'

/** The driver instance and connection for finding and removing by predicate. */
export interface PredicateStore {
  readonly driver: string
  readonly client: StoreClient
  readonly settings: Settings
  /**
   * The columns that mark rows as deleted, according to the selection, the options and the profile; undefined: rows are deleted.
   * @throws DustpanError if rows must be marked and no columns are configured.
   */
  setFor(selection: Selection, table: Table): SetColumns | undefined
}
