import type { Selection } from '@dustpan/core/driver'
import type { SetColumns } from '@dustpan/core/rows'
import type { Settings } from '../options.ts'
import type { StoreClient } from '../removal/own-client.ts'
import type { Table } from '../removal/tables.ts'

/** The parts of a driver instance and its connection that removal by predicate needs. */
export interface PredicateStore {
  readonly driver: string
  readonly client: StoreClient
  readonly settings: Settings
  /**
   * How rows are marked instead of deleted, by the selection, the options and the profile.
   * @throws DustpanError where nothing says how.
   */
  setFor(selection: Selection, table: Table): SetColumns | undefined
}
