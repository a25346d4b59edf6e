/** The cleanup context for a process that works on a run through its ledger. */
import type { CleanupContext } from '../cleanup/context.ts'
import type { FoldedScope } from '../ledger/folded-run.ts'
import { keptByOtherRuns } from '../ledger/kept-by-other-runs.ts'
import { isDeclared } from '../planning/declared.ts'
import type { Resource, ScopeId } from '../resource/resource.ts'
import { checkLease } from '../shared/lock-everywhere.ts'
import { newScope } from '../tracking/scope.ts'
import type { Tracking } from '../tracking/tracking.ts'
import { hasOwnName, workerContext } from './context.ts'
import { ownerOf } from './sweep.ts'

/** Like a worker's context, but with the records of all writers; no transaction can still be open. */
export function ledgerContext(
  tracking: Tracking,
  connections: CleanupContext['connections'],
  scopes: Iterable<FoldedScope>,
  resources: Iterable<Resource>,
  /** The end of resources whose scope was never closed; undefined: now. */
  workedUntil?: number,
): CleanupContext {
  const known = new Map<ScopeId, FoldedScope>()
  for (const scope of scopes) {
    const {
      id,
      in: _in,
      verdict: _verdict,
      closedAt: _at,
      decision: _decision,
      why: _why,
      until: _until,
      policy: _policy,
      ...identity
    } = scope
    known.set(id, scope)
    if (!tracking.scopes.has(id)) tracking.scopes.set(id, { ...newScope(id, identity, undefined), written: true })
  }
  const all = [...resources]
  tracking.known.add(all)
  const byScope = (some: readonly Resource[]): ByScope => {
    const once = new Map(some.map((one) => [one.id, one] as const))
    return Map.groupBy(once.values(), ({ scope }) => scope)
  }
  let recorded: ByScope | undefined
  let declared: ByScope | undefined
  return {
    ...workerContext(tracking, connections),
    isOpen: () => false,
    checkLease: () => checkLease(tracking.settings, tracking.writer.run),
    verdictOf: (scope) => known.get(scope)?.verdict,
    endOf: (resource) => ownerOf(resource, known)?.closedAt ?? workedUntil,
    recordedIn(scope) {
      recorded ??= byScope(all)
      return recorded.get(scope) ?? []
    },
    othersIn(store, going) {
      const isOwn = going.every(hasOwnName)
      const others = isOwn ? [] : ofOtherRuns(tracking)
      return [...all, ...others].filter(({ set }) => set.store.id === store)
    },
    declaredIn(scope) {
      declared ??= byScope(all.filter(isDeclared))
      return declared.get(scope) ?? []
    },
  }
}

/** Never throws: another run may be deleted from the ledger while it is read. */
function ofOtherRuns({ settings, writer }: Tracking): readonly Resource[] {
  try {
    return keptByOtherRuns(settings.dir, writer.run)
  } catch {
    return []
  }
}

type ByScope = ReadonlyMap<ScopeId, readonly Resource[]>
