/** What is known of a run: the fold of all its journals. */
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
import type { Decision, RunMetadata, ScopeIdentity, WriterIdentity } from './events.ts'

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
  /** Off the record: nobody is to take them for something new. */
  readonly forgotten: readonly Resource[]
  /** Begun, and no fact or refusal since. */
  readonly intents: ReadonlyMap<IntentId, Intent & { readonly scope: ScopeId }>
  readonly openTransactions: ReadonlySet<TxId>
  readonly warnings: readonly LedgerWarning[]
  readonly startedAt: number
  /** When the last event was written. */
  readonly latestAt: number
  /** When one of its own processes wrote last, and not who cleaned up after it; 0: none has. */
  readonly workedUntil: number
  readonly endedAt: number | undefined
  readonly ended: Verdict | undefined
  /** Nobody ended it as a whole: each of its processes has told its own end. While their parent lives, there may be more of them. */
  readonly endedInParts: boolean
}
