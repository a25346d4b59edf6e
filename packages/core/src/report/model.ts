/** The cleanup report: one versioned schema (`dustpan.report/1`) for report.json and every attachment. */
import type { ScopeIdentity } from '../journal/events.ts'
import type { Resource, ScopeId, State, Verdict } from '../resource/resource.ts'

export interface ReportedResource {
  readonly id: string
  readonly type: string
  readonly key: string
  readonly store: string
  /** `DELETE /users/7`. */
  readonly removal: string
  /** `200 OK`. */
  readonly result?: string
  readonly state: State
  readonly why?: string
  /** Its contents before the removal are in a backup of the run: `dustpan restore` restores them. */
  readonly backup?: true
  readonly proof: string
  readonly origin: 'tracked' | 'captured' | 'collected' | 'derived'
  readonly attributed: string
  readonly lifetime: string
  readonly attempts: number
  readonly durationMs: number
  readonly createdAt: string
  readonly error?: { readonly code: string; readonly message: string; readonly hint?: string }
  readonly source?: string
  readonly tags?: readonly string[]
}

export interface ReportedScope extends ScopeIdentity {
  readonly id: ScopeId
  readonly verdict?: Verdict
  readonly decision?: string
  readonly why?: string
  /** Kept only because of the strategy `delayed`: it is removed at `keptUntil`. */
  readonly delayed?: true
  /** How long kept resources are meant to be kept. */
  readonly keptUntil?: string
  /**
   * Number of removed resources that are counted in the totals but not listed: in attachments of tests that created very many,
   * and for runs that were killed.
   */
  readonly omitted?: number
  readonly resources: readonly ReportedResource[]
}

export interface ReportedRun {
  readonly id: string
  readonly build?: string
  readonly parentRun?: string
  readonly runner: string
  readonly environment: string
  readonly strategy: string
  /** In shadow mode: nothing was removed. */
  readonly shadow?: true
  /** Why shadow mode is on: `the environment is production`. */
  readonly shadowReason?: string
  readonly projectVersion?: string
  readonly branch?: string
  readonly agent: string
  readonly createdBy: string
  readonly startedAt: string
  readonly endedAt?: string
  readonly ended?: Verdict
}

export type ReportTotals = Readonly<Record<State, number>> & {
  /** The sum of all states. */
  readonly tracked: number
  /** Number of those already gone that did not exist when tracked either. Omitted if zero. */
  readonly neverSeen?: number
  readonly unresolvedIntents: number
  /** Time spent on removals. */
  readonly durationMs: number
}

export interface CleanupReport {
  readonly schema: 'dustpan.report/1'
  readonly of: 'scope' | 'run' | 'build'
  readonly run: ReportedRun
  readonly totals: ReportTotals
  readonly scopes: readonly ReportedScope[]
  /** Creates that were begun and whose outcome is not known. */
  readonly intents: readonly {
    readonly id: string
    readonly via: string
    readonly store: string
    readonly at: string
    readonly source?: string
  }[]
  readonly warnings: readonly { readonly code: string; readonly message: string }[]
}

/** Describes a resource's removal, with its driver's words. */
export type Describe = (resource: Resource) => string
