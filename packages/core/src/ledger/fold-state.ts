/** The state of a fold in progress. */

import type { RunMetadata, WriterIdentity } from '../journal/events.ts'
import type {
  Intent,
  IntentId,
  Resource,
  ResourceId,
  RunId,
  ScopeId,
  State,
  TxId,
  Verdict,
} from '../resource/resource.ts'
import type { FoldedScope, LedgerWarning } from './folded-run.ts'
import type { Status } from './restored.ts'

export type Fold = ReturnType<typeof newFold>

export function newFold(id: RunId) {
  return {
    id,
    writers: [] as WriterIdentity[],
    metadata: undefined as RunMetadata | undefined,
    scopes: new Map<ScopeId, FoldedScope>(),
    resources: new Map<ResourceId, Resource>(),
    forgotten: [] as Resource[],
    created: 0,
    /** The time of each release. */
    released: new Map<ResourceId, number>(),
    intents: new Map<IntentId, Intent & { scope: ScopeId }>(),
    transactions: new Map<TxId, 'committing' | 'committed' | 'rolled-back' | 'unknown'>(),
    openTransactions: new Set<TxId>(),
    /** Removals that began and have no recorded end yet. */
    batches: new Map<string, readonly ResourceId[]>(),
    restoring: new Map<string, ReadonlyMap<Resource, Status>>(),
    warnings: [] as LedgerWarning[],
    startedAt: Number.POSITIVE_INFINITY,
    latestAt: 0,
    workedUntil: 0,
    endedAt: undefined as number | undefined,
    ended: undefined as Verdict | undefined,
    endedInParts: false,
    parts: [] as Verdict[],
  }
}

export function resourcesOf({ resources }: Fold, ids: readonly ResourceId[]): readonly Resource[] {
  return ids.flatMap((id) => resources.get(id) ?? [])
}

/** False: the present state takes precedence. */
export function setState(run: Fold, id: ResourceId, state: State, why?: string): boolean {
  const resource = run.resources.get(id)
  if (!resource || rank(resource.state) > rank(state)) return false
  resource.state = state
  if (why !== undefined) resource.why = why
  return true
}

/** Final states, which no later event overrides; the strongest is last. */
const final: readonly State[] = ['already-gone', 'removed', 'gone']

const rank = (state: State): number => final.indexOf(state)
