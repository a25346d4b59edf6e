/** The state of a run: the fold of all its journals. */

import type { Decision, RunMetadata, ScopeIdentity, WriterIdentity } from '../journal/events.ts'
import type {
  Intent,
  IntentId,
  Json,
  Resource,
  ResourceId,
  RunId,
  ScopeId,
  TxId,
  Verdict,
} from '../resource/resource.ts'

export interface FoldedScope extends ScopeIdentity {
  readonly id: ScopeId
  readonly in?: ScopeId
  verdict?: Verdict
  /** When it was closed, in milliseconds since the epoch. */
  closedAt?: number
  decision?: Decision
  until?: number
  why?: string
  policy?: { readonly [option: string]: Json }
}

export interface LedgerWarning {
  readonly code: string
  readonly message: string
}

export interface FoldedRun {
  readonly id: RunId
  readonly writers: readonly WriterIdentity[]
  readonly metadata: RunMetadata | undefined
  readonly scopes: ReadonlyMap<ScopeId, FoldedScope>
  readonly resources: ReadonlyMap<ResourceId, Resource>
  /** Dropped records. Kept here so that their resources are not taken for new ones. */
  readonly forgotten: readonly Resource[]
  /** Creations that began, and have no recorded result. */
  readonly intents: ReadonlyMap<IntentId, Intent & { readonly scope: ScopeId }>
  readonly openTransactions: ReadonlySet<TxId>
  readonly warnings: readonly LedgerWarning[]
  readonly startedAt: number
  /** The time of the last event. */
  readonly latestAt: number
  /** The last event of the run's own processes, without later cleanups; 0: none. */
  readonly workedUntil: number
  readonly endedAt: number | undefined
  readonly ended: Verdict | undefined
  /** No process ended the run as a whole, but each has recorded its own end. While their parent lives, more may follow. */
  readonly endedInParts: boolean
}
