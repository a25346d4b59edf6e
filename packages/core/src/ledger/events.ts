/** What is written to the ledger: one event a line. */

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

/** Who a scope belongs to. */
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

/** What is known of the run as a whole. */
export interface RunMetadata {
  readonly projectVersion?: string
  /** As the CI system says, or git's files. */
  readonly branch?: string
  readonly environment: string
  readonly agent: string
  readonly createdBy: string
  readonly strategy: string
  /** Nothing was to be removed. */
  readonly shadow?: true
  /** Why: `the environment is production`. */
  readonly shadowReason?: string
}

export interface WriterIdentity {
  readonly writer: WriterId
  readonly run: RunId
  readonly build?: string
  readonly parentRun?: RunId
  readonly role: 'main' | 'worker' | 'cli' | 'reaper'
  readonly runner: string
  /** On whose behalf; the CI system's id of the job. */
  readonly user?: string
  readonly job?: string
  readonly host: string
  readonly boot: string
  readonly pidNs?: string
  readonly pid: number
  readonly pidStart: string
  /** The main process of the run, on the same machine: between two workers only it shows that the run goes on. */
  readonly main?: { readonly pid: number; readonly pidStart: string }
  readonly thread: number
  /** In the copy of a journal that another machine's process has written. */
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
  /** The process is there, though it has had nothing else to say: for machines that cannot look. */
  | { readonly e: 'alive' }
  | ({ readonly e: 'writer'; readonly metadata: RunMetadata } & WriterIdentity)
  | ({ readonly e: 'scope.opened'; readonly scope: ScopeId; readonly in?: ScopeId } & ScopeIdentity)
  | ({ readonly e: 'create.intended'; readonly scope: ScopeId } & Intent)
  | { readonly e: 'create.none'; readonly intent: IntentId; readonly why: string }
  | ({ readonly e: 'created'; readonly scope: ScopeId; readonly intent?: IntentId } & ResourceSet)
  /** What may commit it is about to be sent. */
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
      /** Kept until, in milliseconds since the epoch. */
      readonly until?: number
      /** A `PolicyReason`; older versions wrote it out. */
      readonly why: string
    }
  /** What the test has decided for itself: should its process die, whoever cleans up after it knows. */
  | { readonly e: 'policy'; readonly scope: ScopeId; readonly policy: { readonly [option: string]: Json } }
  /** `until`: in milliseconds since the epoch. Without it they stay until somebody removes them. */
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
  /** Of all things of the batch, or of these, there is a backup from before their removal. */
  | { readonly e: 'removal.backed-up'; readonly batch: string; readonly ids?: readonly ResourceId[] }
  /** `after`: when the last event was written that whoever restores them knew. */
  | { readonly e: 'restore.begun'; readonly batch: string; readonly ids: readonly ResourceId[]; readonly after: number }
  | {
      readonly e: 'restore.ended'
      readonly batch: string
      readonly durationMs: number
      /** Those that never were away. */
      readonly there?: readonly ResourceId[]
      readonly failed?: readonly (readonly [ResourceId, NonNullable<LoggedOutcome['error']>])[]
      /** Of those that failed: what may be back all the same, as nobody said what came of it. */
      readonly unsure?: readonly ResourceId[]
    }
  /** For whoever removes them next; `null` takes it back. */
  | { readonly e: 'removal.noted'; readonly ids: readonly ResourceId[]; readonly note: Json }
  /** What became of things that cannot be removed. */
  | { readonly e: 'followed'; readonly told: readonly (readonly [ResourceId, string])[] }
  /** `step`: 1 for the first; older versions wrote it into `why`. */
  | { readonly e: 'step.skipped'; readonly ids: readonly ResourceId[]; readonly step?: number; readonly why: string }
  | { readonly e: 'released'; readonly ids: readonly ResourceId[]; readonly by: string }
  | { readonly e: 'forgotten'; readonly ids: readonly ResourceId[]; readonly by: string }
  | { readonly e: 'warning'; readonly code: string; readonly message: string }
  /** `part`: of the process that writes it, in a run that nobody ends as a whole. */
  | { readonly e: 'run.ended'; readonly reason: Verdict; readonly part?: true }

/** A removal's outcome as it is written: errors as code, message and hint. */
export type LoggedOutcome = {
  readonly state: RemovalOutcome['state'] | 'lost'
  readonly result?: string
  /** Removed for the application, and still in the store. Older versions wrote it into `result`. */
  readonly marked?: true
  readonly why?: string
  readonly detail?: Json
  readonly error?: { readonly code: string; readonly message: string; readonly hint?: string }
}

/** `v`: version of the format; `n`: position in its writer's file; `t`: milliseconds since the epoch. */
export type LedgerEvent = { readonly v: 1; readonly n: number; readonly t: number } & EventBody
