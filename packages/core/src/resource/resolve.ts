/** How a store tells what came of creates that were begun and never answered: by the mark that the run's rows carry. */
import type { CreatedSet } from './capture.ts'
import type { MetadataColumns } from './metadata-columns.ts'
import type { Intent, IntentId, Json, Removal, RunId } from './resource.ts'

/** Of a kind of which more carry the mark and are on no record, nobody says that one statement made them. */
export const mostFound = 10_000

export interface ResolveRequest {
  /** All that are open in this store, of one run. */
  readonly intents: readonly OpenIntent[]
  /** What a mark has to be, whole: another run's id may begin with it. */
  readonly run: RunId
  readonly columns: MetadataColumns
  /** Whether a record names it, so that it is not what is looked for. `by`: how it would be removed, where the key alone does not tell. */
  isKnown(type: string, key: Json, by?: Removal): boolean
}

export interface OpenIntent extends Intent {
  /** The process that began it is certainly dead. */
  readonly dead: boolean
}

export interface Resolved {
  /**
   * `over`: nothing can come of it any more, as the server has nobody who could still be at it; asked before the store is looked through.
   * `at work`: somebody is. What is in neither, nobody knows.
   */
  readonly ends: ReadonlyMap<IntentId, 'over' | 'at work'>
  /** By the intents' types: everything with the run's mark that no record names. A type that could not be looked for is left out. */
  readonly found: ReadonlyMap<string, readonly CreatedSet[]>
}
