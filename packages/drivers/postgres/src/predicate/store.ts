import type { Selection, SetColumns } from '@dustpan/core/driver'
import type { Settings } from '../options.ts'
import type { StoreClient } from '../removal/own-client.ts'
import type { TableShape } from '../removal/shapes.ts'

/** What finding and removing by predicate needs of a driver instance and its connection. */
export interface PredicateStore {
  readonly driver: string
  readonly client: StoreClient
  readonly settings: Settings
  /** How rows are marked instead of deleted, as the selection, the options and the profile say. @throws DustpanError where nothing says how. */
  setFor(selection: Selection, shape: TableShape): SetColumns | undefined
}
