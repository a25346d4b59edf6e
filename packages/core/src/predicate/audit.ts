/** Writes removals by predicate to the audit log: before anything is removed, and with the outcome. */

import type { Settings } from '../config/settings.ts'
import { describeError } from '../errors/dustpan-error.ts'
import { redact } from '../errors/redact.ts'
import { type AuditFact, recordAudit } from '../ledger/audit-log.ts'
import type { Matched, Predicate, Selection } from '../resource/predicate.ts'
import { withoutIdentity } from '../resource/store-identity.ts'
import { describePredicate } from './describe.ts'
import { isLeftOut } from './outcome.ts'
import type { PredicatePlan, StoreMatches } from './plan.ts'

type RequestedRemoval = Pick<PredicatePlan, 'predicate' | 'deletion'>

/** @throws DustpanError `DUSTPAN_LEDGER_UNWRITABLE`: nothing may be removed then. */
export function auditBegin(settings: Settings, plan: PredicatePlan): void {
  const facts = plan.stores.flatMap((store) =>
    store.kinds
      .filter(({ count, error }) => count !== 0 && !error)
      .map((kind) => ({ ...inStore(plan, store), ...ofKind(kind), result: 'begun' })),
  )
  recordAudit(settings, facts)
}

export function auditEnd(settings: Settings, requested: RequestedRemoval, stores: readonly StoreMatches[]): void {
  recordAudit(
    settings,
    stores.flatMap((store) => factsOf(requested, store)),
  )
}

/** Refused completely, before or after counting. */
export function auditRefusal(
  settings: Settings,
  predicate: Predicate,
  deletion: Selection['deletion'],
  refusal: unknown,
): void {
  const { code, message } = describeError(refusal, 'DUSTPAN_PREDICATE_REFUSED')
  const requested = { predicate, ...(deletion ? { deletion } : {}) }
  recordAudit(settings, [{ ...common(requested), result: 'refused', code, message: redact(message) }])
}

function factsOf(requested: RequestedRemoval, store: StoreMatches): readonly AuditFact[] {
  const base = inStore(requested, store)
  const problem = store.refusal && isLeftOut(store.refusal) ? undefined : (store.refusal ?? store.error)
  const kindFacts = store.kinds.flatMap((kind): readonly AuditFact[] => [
    ...(kind.error ? [{ ...base, ...ofKind(kind), ...failed(kind.error) }] : gone(kind, base)),
    ...(kind.left ?? []).map(({ error, ...counted }) => ({ ...base, type: kind.type, ...counted, ...failed(error) })),
  ])
  return [...(problem ? [{ ...base, ...failed(problem) }] : []), ...kindFacts]
}

function gone(kind: Matched, base: Omit<AuditFact, 'result'>): readonly AuditFact[] {
  const { count, method, left = [] } = kind
  if (left.length > 0 && count === 0) return []
  const isUnknown = left.length > 0 && count === 'unknown'
  return [{ ...base, ...ofKind(kind), result: isUnknown ? 'unknown' : method === 'soft' ? 'marked' : 'removed' }]
}

const common = ({ predicate, deletion }: RequestedRemoval) => ({
  what: predicate.reset ? ('reset' as const) : ('by-predicate' as const),
  predicate: redact(describePredicate(predicate, deletion)),
})

const inStore = (requested: RequestedRemoval, { store }: StoreMatches) => ({
  ...common(requested),
  driver: store.driver,
  store: withoutIdentity(store.id),
})

const ofKind = ({ type, count }: Matched) => ({ type, ...(count === 'unknown' ? {} : { count }) })

const refusals: ReadonlySet<string> = new Set([
  ...['DUSTPAN_HOST_REFUSED', 'DUSTPAN_PROFILE_REFUSED', 'DUSTPAN_PREDICATE_REFUSED', 'DUSTPAN_PROTECTED'],
  ...['DUSTPAN_HAS_DEPENDENTS', 'DUSTPAN_NOT_OURS', 'DUSTPAN_WRONG_STORE'],
])

function failed(error: unknown): Pick<AuditFact, 'result' | 'code' | 'message'> {
  const { code, message } = describeError(error, 'DUSTPAN_REMOVAL_FAILED')
  return { result: refusals.has(code) ? 'refused' : 'failed', code, message: redact(message) }
}
