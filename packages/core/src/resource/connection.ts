/** A connection to a store, for removing: what the pipeline asks of a driver. */

import type { Code } from '../errors/codes.ts'
import type { DustpanError } from '../errors/dustpan-error.ts'
import type { CollectRequest } from './application.ts'
import type { Agreed, Matches, Selection } from './predicate.ts'
import type { Resolved, ResolveRequest } from './resolve.ts'
import type { Json, Proof, Removal, ResourceId, RunId, WriterId } from './resource.ts'
import type { BackedUp, Followed, Presence, RemovalOutcome, RestoreOutcome, Target } from './target.ts'

/** Answers are keyed by id, never by position. Drivers never retry; the pipeline does. */
export interface StoreConnection extends AsyncDisposable {
  /** The full id of the store that answered, where that was asked for by less. */
  readonly store?: string
  /** Closed when a round of cleaning is over, as an open one would be in the user's way: a database that tests drop must have no other session. */
  readonly transient?: boolean
  remove(targets: readonly Target[], ctx: RemovalContext): Promise<ReadonlyMap<ResourceId, RemovalOutcome>>
  /**
   * How the targets hang together; and, where it is asked for, what nobody recorded and hangs on them. Without that question one target
   * stands for all that are removed by the same steps.
   */
  relate?(targets: readonly Target[], ctx: RelateContext): Promise<Relations>
  /** Whether the targets are still there; with an error for those that could not be looked at. */
  probe?(targets: readonly Target[], ctx: RemovalContext): Promise<ReadonlyMap<ResourceId, Presence | DustpanError>>
  /** What became of things that cannot be removed, in a few words: `consumed by billing`. Nothing to say: left out. */
  follow?(things: readonly Followed[], ctx: RemovalContext): Promise<ReadonlyMap<ResourceId, string>>
  /**
   * Says in the store that a process is at work there since a time, in milliseconds since the epoch, so that nobody takes what the
   * application writes for it without a name. Until the connection is closed.
   */
  announce?(
    who: { readonly run: RunId; readonly writer: WriterId; readonly since: number },
    ctx: RemovalContext,
  ): Promise<void>
  /** What others (the application under test) wrote, by the store's own log. What was put on record is struck from the log. */
  collect?(request: CollectRequest, ctx: RemovalContext): Promise<void>
  /**
   * What a predicate finds, by kind; touches nothing. Kinds that are not the store's own are not mentioned.
   * @throws TypeError `DUSTPAN_INVALID_ARGUMENT`, DustpanError `DUSTPAN_UNKNOWN_OWNER` for what is asked in vain of any kind.
   */
  count?(selection: Selection, ctx: RemovalContext): Promise<Matches>
  /** Removes what a predicate finds, what depends on others first; nothing of a kind of which it finds more than was agreed to. */
  removeWhere?(selection: Selection, agreed: Agreed, ctx: RemovalContext): Promise<Matches>
  /** Brings back what was only marked as deleted. */
  restore?(targets: readonly Target[], ctx: RemovalContext): Promise<ReadonlyMap<ResourceId, RestoreOutcome>>
  /**
   * What the targets are now, in a form that {@link putBack} takes; asked before their removal, where backups are wanted. What is not there, and
   * what cannot be looked at (what a statement of the user's removes), is left out. Columns and fields stand under `fields`, by their names, and in
   * a form that loses nothing: what the configuration omits is taken out there. A thing that has not changed gives the same JSON again. With an
   * error (`DUSTPAN_BACKUP_FAILED`) for one of them, that one is not removed.
   */
  backup?(targets: readonly Target[], ctx: RemovalContext): Promise<ReadonlyMap<ResourceId, Json | DustpanError>>
  /**
   * Puts back what was removed, from its backup; parents come first. What has taken the key since is never overwritten: that one has failed
   * (`DUSTPAN_RESTORE_FAILED`). What is still there as it was is not asked for.
   */
  putBack?(backups: readonly BackedUp[], ctx: RemovalContext): Promise<ReadonlyMap<ResourceId, RestoreOutcome>>
  /** What the store says of itself, and what in it stands in the way of removing. Changes nothing. */
  examine?(ctx: Pick<RemovalContext, 'signal'>): Promise<StoreCondition>
  /** What came of creates that were never answered. Changes nothing. */
  resolve?(request: ResolveRequest, ctx: RemovalContext): Promise<Resolved>
}

export interface ConnectContext {
  readonly signal: AbortSignal
  /** Milliseconds since the epoch. */
  readonly deadline: number
  /**
   * For an address that neither the record nor the option `url` tells in full (the user name of a captured client): before it is connected to.
   * @throws DustpanError `DUSTPAN_HOST_REFUSED`
   */
  guard?(address: string): void
}

export interface RemovalContext {
  readonly signal: AbortSignal
  /** Milliseconds since the epoch. */
  readonly deadline: number
  /** 1 for the first try. */
  readonly attempt: number
  readonly batch: string
  readonly run: RunId
  /** `read-back` asks for a look at every target after its removal. */
  readonly verify: 'auto' | 'read-back' | 'none'
  /** All targets or none: where one cannot go, the others stay as well. Only asked of drivers whose batches are atomic. */
  readonly atomic?: boolean
  /** Asked for a backup, and to put it back: a folder of the run for contents that are no JSON, not there yet. Of its owner alone: mode 0700. */
  readonly backups?: string
  /** Remembers something with the things, for whoever removes them next, in whatever process; `null` forgets it. */
  note?(ids: readonly ResourceId[], note: Json): void
  /** For what does not change an outcome. Told once for a run. */
  warn?(code: Code, message: string): void
}

export interface RelateContext extends RemovalContext {
  /** Asked for only when a removal was refused with `has-dependents`: what the store knows of its tables must do until then. */
  readonly dependents: boolean
}

export interface Relations {
  /**
   * Targets that hang together: a table, or a cycle of tables. Groups with nothing of another store between them come in one call to
   * remove(), children first.
   */
  readonly group: ReadonlyMap<ResourceId, string>
  /** Between groups: the child goes first. */
  readonly edges: readonly (readonly [child: string, parent: string])[]
  /** What nobody recorded and hangs on a target. Empty unless asked for. */
  readonly dependents: readonly Dependent[]
}

export interface Dependent {
  readonly of: ResourceId
  readonly type: string
  readonly key: Json
  readonly rule: 'cascade' | 'set-null' | 'restrict'
  /** `after-parent`: proven to have been created after its parent, so it is the test's too. */
  readonly provenance: 'after-parent' | 'unproven'
  /** How to remove it, when proven. */
  readonly removal?: Removal
  readonly proof?: Proof
}

export interface StoreCondition {
  /** The full id of the store that answered. */
  readonly store: string
  /** `PostgreSQL 18.4` */
  readonly product: string
  /** By how much its clock is ahead of this machine's. */
  readonly aheadMs: number
  readonly findings: readonly StoreFinding[]
}

/** What removing suffers from. `wrong`: something cannot be removed at all. */
export interface StoreFinding {
  readonly state: 'warning' | 'wrong'
  readonly message: string
  /** SQL that helps. */
  readonly fix: string
}
