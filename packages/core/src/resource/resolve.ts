/** How a store finds the outcome of creates that were never answered: by the mark that the run's rows carry. */
import type { CreatedSet } from './capture.ts'
import type { MetadataColumns } from './metadata-columns.ts'
import type { Intent, IntentId, Json, Removal, RunId } from './resource.ts'

/** Limit per kind: if more unrecorded rows carry the mark, they cannot be attributed to one statement. */
export const mostFound = 10_000

export interface ResolveRequest {
  /** All open intents of one run in this store. */
  readonly intents: readonly OpenIntent[]
  /** The complete value of a mark: another run's id may begin with it. */
  readonly run: RunId
  readonly columns: MetadataColumns
  /** Whether it is already recorded, and so not the row in question. `by`: its removal, where the key alone is ambiguous. */
  isKnown(type: string, key: Json, by?: Removal): boolean
}

export interface OpenIntent extends Intent {
  /** The process that began it is certainly dead. */
  readonly dead: boolean
}

export interface Resolved {
  /**
   * `over`: it can have no further effect, as the server has no session left that could be running it; determined before the
   * store is searched. `at work`: a session is. Unknown for intents in neither state.
   */
  readonly ends: ReadonlyMap<IntentId, 'over' | 'at work'>
  /** By the intents' types: everything with the run's mark that is not recorded. Types that could not be searched are omitted. */
  readonly found: ReadonlyMap<string, readonly CreatedSet[]>
}
