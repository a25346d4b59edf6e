/** The events of the ledger, one per line. */

import type {
  Intent,
  IntentId,
  Json,
  ResourceId,
  ResourceSet,
  RunId,
  ScopeId,
  TxId,
  Verdict,
  WriterId,
} from '../resource/resource.ts'
import type { RemovalOutcome } from '../resource/target.ts'

/** Identifies a scope. */
export interface ScopeIdentity {
  readonly kind: 'run' | 'worker' | 'file' | 'test'
  /** The runner's project, when there are several. */
  readonly project?: string
  /** Relative to the project's root. */
  readonly file?: string
  /** Titles from the outermost suite to the test. */
  readonly path?: readonly string[]
  /** 0 for the first. */
  readonly attempt: number
  readonly repeat?: number
  /** The runner's own id of the test. */
  readonly runnerId?: string
}

/** Metadata of the whole run. */
export interface RunMetadata {
  readonly projectVersion?: string
  /** From the CI system's variables, or from git's files. */
  readonly branch?: string
  readonly environment: string
  readonly agent: string
  readonly createdBy: string
  readonly strategy: string
  /** Shadow mode: nothing was to be removed. */
  readonly shadow?: true
  /** Why shadow mode was on: `the environment is production`. */
  readonly shadowReason?: string
}

export interface WriterIdentity {
  readonly writer: WriterId
  readonly run: RunId
  readonly build?: string
  readonly parentRun?: RunId
  readonly role: 'main' | 'worker' | 'cli' | 'reaper'
  readonly runner: string
  /** The user, and the CI system's id of the job. */
  readonly user?: string
  readonly job?: string
  readonly host: string
  readonly boot: string
  readonly pidNs?: string
  readonly pid: number
  readonly pidStart: string
  /** The run's main process, if on the same machine: between two workers, only it shows that the run goes on. */
  readonly main?: { readonly pid: number; readonly pidStart: string }
  readonly thread: number
  /** Set in the copy of a journal from another machine. */
  readonly elsewhere?: true
}

export type Decision = 'remove' | 'defer' | 'keep'

/** Why a scope's data is removed or kept. */
export type PolicyReason =
  | 'keep-all'
  | 'keep-none'
  | 'keep-failed'
  | 'auto-cleanup-off'
  | 'will-retry'
  | `strategy-${'manual' | 'delayed' | 'immediate'}`
  | 'on-success-off'
  | 'on-failure'
  | `test-${Exclude<Verdict, 'interrupted'>}`
  | 'run-interrupted'

export type EventBody =
  /** A sign of life when there is nothing else to write, for machines that cannot observe the process. */
  | { readonly e: 'alive' }
  | ({ readonly e: 'writer'; readonly metadata: RunMetadata } & WriterIdentity)
  | ({ readonly e: 'scope.opened'; readonly scope: ScopeId; readonly in?: ScopeId } & ScopeIdentity)
  | ({ readonly e: 'create.intended'; readonly scope: ScopeId } & Intent)
  | { readonly e: 'create.none'; readonly intent: IntentId; readonly why: string }
  | ({ readonly e: 'created'; readonly scope: ScopeId; readonly intent?: IntentId } & ResourceSet)
  /** Written before a statement is sent that may commit the transaction. */
  | { readonly e: 'tx.committing'; readonly tx: TxId }
  | { readonly e: 'tx.settled'; readonly tx: TxId; readonly as: 'committed' | 'rolled-back' | 'unknown' }
  | {
      readonly e: 'gone'
      readonly ids: readonly ResourceId[]
      readonly by: 'user' | 'rollback' | 'truncate' | 'key-unsure' | 'store-gone' | 'taken-over' | 'with-row'
    }
  | {
      readonly e: 'scope.closed'
      readonly scope: ScopeId
      readonly verdict: Verdict
      readonly decision: Decision
      /** The end of the keep time, in milliseconds since the epoch. */
      readonly until?: number
      /** A `PolicyReason`; older versions wrote free text. */
      readonly why: string
    }
  /** A test's own policy: if its process dies, the next cleaner applies it. */
  | { readonly e: 'policy'; readonly scope: ScopeId; readonly policy: { readonly [option: string]: Json } }
  /** `until`: in milliseconds since the epoch; without it they stay until somebody removes them. */
  | { readonly e: 'kept'; readonly ids: readonly ResourceId[]; readonly why: string; readonly until?: number }
  | { readonly e: 'removal.begun'; readonly batch: string; readonly ids: readonly ResourceId[] }
  | {
      readonly e: 'removal.ended'
      readonly batch: string
      readonly durationMs: number
      readonly outcomes: readonly (readonly [ResourceId, LoggedOutcome])[]
      /** Outcome of every id of the batch that is not among `outcomes`. */
      readonly others?: LoggedOutcome
    }
  /** All resources of the batch, or those in `ids`, were backed up before removal. */
  | { readonly e: 'removal.backed-up'; readonly batch: string; readonly ids?: readonly ResourceId[] }
  /** `after`: the time of the last event that the restoring process knew. */
  | { readonly e: 'restore.begun'; readonly batch: string; readonly ids: readonly ResourceId[]; readonly after: number }
  | {
      readonly e: 'restore.ended'
      readonly batch: string
      readonly durationMs: number
      /** Resources that were never gone. */
      readonly there?: readonly ResourceId[]
      readonly failed?: readonly (readonly [ResourceId, NonNullable<LoggedOutcome['error']>])[]
      /** Failed resources that may have been restored all the same: the store did not report the result. */
      readonly unsure?: readonly ResourceId[]
    }
  /** A driver's note for the next removal attempt; `null` deletes it. */
  | { readonly e: 'removal.noted'; readonly ids: readonly ResourceId[]; readonly note: Json }
  /** What became of resources that cannot be removed. */
  | { readonly e: 'followed'; readonly told: readonly (readonly [ResourceId, string])[] }
  /** `step`: 1 for the first; older versions wrote it into `why`. */
  | { readonly e: 'step.skipped'; readonly ids: readonly ResourceId[]; readonly step?: number; readonly why: string }
  | { readonly e: 'released'; readonly ids: readonly ResourceId[]; readonly by: string }
  | { readonly e: 'forgotten'; readonly ids: readonly ResourceId[]; readonly by: string }
  | { readonly e: 'warning'; readonly code: string; readonly message: string }
  /** `part`: the end of this process only, in a run that no process ends as a whole. */
  | { readonly e: 'run.ended'; readonly reason: Verdict; readonly part?: true }

/** A removal's outcome as written: errors as code, message and hint. */
export type LoggedOutcome = {
  readonly state: RemovalOutcome['state'] | 'lost'
  readonly result?: string
  /** Soft-deleted: removed for the application, still in the store. Older versions wrote this into `result`. */
  readonly marked?: true
  readonly why?: string
  readonly detail?: Json
  readonly error?: { readonly code: string; readonly message: string; readonly hint?: string }
}

/** `v`: version of the format; `n`: position in its writer's file; `t`: milliseconds since the epoch. */
export type LedgerEvent = { readonly v: 1; readonly n: number; readonly t: number } & EventBody
