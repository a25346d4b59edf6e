/** A run, worker, file or test, and what was created in it. */
import type { PolicyOverride } from '../config/cleanup-options.ts'
import type { Decision, ScopeIdentity } from '../ledger/events.ts'
import type { Resource, ScopeId, Verdict } from '../resource/resource.ts'

export interface Scope {
  readonly id: ScopeId
  readonly identity: ScopeIdentity
  readonly parent: Scope | undefined
  readonly resources: Resource[]
  /** Those in it that the ledger knows. Of a scope that creates nothing no trace is left. */
  readonly children: Scope[]
  policy: PolicyOverride
  /** Whether the ledger knows it. */
  written: boolean
  /** Whether a test in it failed. */
  childFailed: boolean
  /** Set when it is closed. */
  ending: ScopeEnding | undefined
}

export interface ScopeEnding {
  readonly verdict: Verdict
  readonly decision: Decision
  /** Kept until, in milliseconds since the epoch. */
  readonly until?: number
  readonly why: string
}

export function newScope(id: ScopeId, identity: ScopeIdentity, parent: Scope | undefined): Scope {
  return {
    id,
    identity,
    parent,
    resources: [],
    children: [],
    policy: {},
    written: false,
    childFailed: false,
    ending: undefined,
  }
}

/** A scope and those that it is in, the innermost first. */
export function ancestors(scope: Scope): Scope[] {
  const chain: Scope[] = []
  for (let at: Scope | undefined = scope; at; at = at.parent) chain.push(at)
  return chain
}
