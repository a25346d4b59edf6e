/** A scope: a run, worker, file or test, with the resources created in it. */
import { clock } from '../clock/clock.ts'
import type { PolicyOverride } from '../config/cleanup-options.ts'
import type { Decision, ScopeIdentity } from '../journal/events.ts'
import type { Resource, ScopeId, Verdict } from '../resource/resource.ts'

export interface Scope {
  readonly id: ScopeId
  readonly identity: ScopeIdentity
  readonly parent: Scope | undefined
  /** In milliseconds since the epoch. */
  readonly openedAt: number
  readonly resources: Resource[]
  /** Child scopes that are in the ledger. A scope that creates nothing leaves no trace. */
  readonly children: Scope[]
  policy: PolicyOverride
  /** Whether it is in the ledger. */
  written: boolean
  /** Whether a test in it failed. */
  childFailed: boolean
  /** Set when it is closed. */
  ending: ScopeEnding | undefined
}

export interface ScopeEnding {
  readonly verdict: Verdict
  readonly decision: Decision
  /** The end of the keep time, in milliseconds since the epoch. */
  readonly until?: number
  readonly why: string
}

export function newScope(id: ScopeId, identity: ScopeIdentity, parent: Scope | undefined): Scope {
  return {
    id,
    identity,
    parent,
    openedAt: clock.now(),
    resources: [],
    children: [],
    policy: {},
    written: false,
    childFailed: false,
    ending: undefined,
  }
}

/** A scope and its ancestors, innermost first. */
export function ancestors(scope: Scope): Scope[] {
  const chain: Scope[] = []
  for (let at: Scope | undefined = scope; at; at = at.parent) chain.push(at)
  return chain
}
