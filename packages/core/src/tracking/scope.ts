/** A run, worker, file or test, and what was created in it. */
import type { PolicyOverride } from '../config/config.ts'
import type { ScopeIdentity } from '../ledger/events.ts'
import type { Resource, ScopeId } from '../resource/resource.ts'

export interface Scope {
  readonly id: ScopeId
  readonly identity: ScopeIdentity
  readonly parent: Scope | undefined
  readonly resources: Resource[]
  policy: PolicyOverride
  /** Whether the ledger knows it: a scope that records nothing is never written. */
  written: boolean
  closed: boolean
}

export function newScope(id: ScopeId, identity: ScopeIdentity, parent: Scope | undefined): Scope {
  return { id, identity, parent, resources: [], policy: {}, written: false, closed: false }
}

/** The scope at whose end a resource of the given lifetime goes, seen from the scope that created it. */
export function ancestors(scope: Scope): Scope[] {
  const chain: Scope[] = []
  for (let at: Scope | undefined = scope; at; at = at.parent) chain.push(at)
  return chain
}
