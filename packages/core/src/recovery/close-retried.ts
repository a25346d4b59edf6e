/** Closes attempts whose process died, and which the runner retried: of several attempts only the last is ever kept. */

import type { PolicyOverride } from '../config/cleanup-options.ts'
import type { ScopeIdentity } from '../journal/events.ts'
import type { FoldedRun } from '../ledger/folded-run.ts'
import { decide } from '../planning/policy.ts'
import type { Tracking } from '../tracking/tracking.ts'

export type WasRetried = (attempt: ScopeIdentity) => boolean

/** Attempts closed by their own process are decided already. */
export function closeRetried({ scopes }: FoldedRun, tracking: Tracking, wasRetried: WasRetried): void {
  for (const scope of scopes.values()) {
    if (scope.kind !== 'test' || scope.decision !== undefined || !wasRetried(scope)) continue
    const outcome = { verdict: 'lost', willRetry: true } as const
    const decided = decide(tracking.settings, (scope.policy ?? {}) as PolicyOverride, outcome)
    tracking.write({ e: 'scope.closed', scope: scope.id, verdict: outcome.verdict, ...decided })
  }
}
