/** A connection to a store, through which the pipeline removes resources. */

import type { Code } from '../errors/codes.ts'
import type { DustpanError } from '../errors/dustpan-error.ts'
import type { CollectRequest } from './application.ts'
import type { Agreed, Matches, Selection } from './predicate.ts'
import type { Resolved, ResolveRequest } from './resolve.ts'
import type { Json, Proof, Removal, ResourceId, RunId, WriterId } from './resource.ts'
import type { BackedUp, Followed, Presence, RemovalOutcome, RestoreOutcome, Target } from './target.ts'

/** Results are keyed by id, never by position. Drivers never retry; the pipeline does. */
export interface StoreConnection extends AsyncDisposable {
  /** The full id of the store that answered, if the connection was requested with a shorter one. */
  readonly store?: string
  /**
   * Closed after each round of cleanup, as an open connection would be in the user's way: a database
   * that tests drop must have no other session.
   */
  readonly transient?: boolean
  remove(targets: readonly Target[], ctx: RemovalContext): Promise<ReadonlyMap<ResourceId, RemovalOutcome>>
  /**
   * How the targets depend on each other and, on request, which unrecorded resources depend on them. Without that request one
   * target represents all that are removed by the same steps.
   */
  relate?(targets: readonly Target[], ctx: RelateContext): Promise<Relations>
  /** Whether the targets still exist; an error for those that could not be checked. */
  probe?(targets: readonly Target[], ctx: RemovalContext): Promise<ReadonlyMap<ResourceId, Presence | DustpanError>>
  /**
   * What happened to resources that cannot be removed, in a few words: `consumed by billing`. Resources with nothing to report are omitted.
   */
  follow?(resources: readonly Followed[], ctx: RemovalContext): Promise<ReadonlyMap<ResourceId, string>>
  /**
   * Announces in the store that a process has been at work there since a time, in milliseconds since the epoch, so that no
   * other run claims the application's unattributed writes. Lasts until the connection is closed.
   */
  announce?(
    who: { readonly run: RunId; readonly writer: WriterId; readonly since: number },
    ctx: RemovalContext,
  ): Promise<void>
  /** Records writes by others (the application under test) from the store's own log, and deletes the recorded lines from it. */
  collect?(request: CollectRequest, ctx: RemovalContext): Promise<void>
  /**
   * The matches of a predicate, by kind; changes nothing. Kinds that are not the store's own are omitted.
   * @throws TypeError `DUSTPAN_INVALID_ARGUMENT`, DustpanError `DUSTPAN_UNKNOWN_OWNER` for a question that no kind can answer.
   */
  count?(selection: Selection, ctx: RemovalContext): Promise<Matches>
  /** Removes the matches of a predicate, dependents first; removes nothing of a kind with more matches than were agreed to. */
  removeWhere?(selection: Selection, agreed: Agreed, ctx: RemovalContext): Promise<Matches>
  /** Restores resources that were only marked as deleted. */
  restore?(targets: readonly Target[], ctx: RemovalContext): Promise<ReadonlyMap<ResourceId, RestoreOutcome>>
  /**
   * The targets' current contents, in a form that {@link putBack} accepts; called before their removal, where backups are
   * wanted. Targets that do not exist or cannot be read (those of a user's own removal statement) are omitted. Columns and
   * fields are under `fields`, by name and without loss; fields that the configuration omits are left out later. An unchanged
   * resource gives the same JSON again. A target with an error (`DUSTPAN_BACKUP_FAILED`) is not removed.
   */
  backup?(targets: readonly Target[], ctx: RemovalContext): Promise<ReadonlyMap<ResourceId, Json | DustpanError>>
  /**
   * Puts removed resources back from their backups, parents first. A resource that has taken the key since is never
   * overwritten: the restore fails (`DUSTPAN_RESTORE_FAILED`). Not called for resources that still exist unchanged.
   */
  putBack?(backups: readonly BackedUp[], ctx: RemovalContext): Promise<ReadonlyMap<ResourceId, RestoreOutcome>>
  /** What the store reports about itself, and what in it prevents removal. Changes nothing. */
  examine?(ctx: Pick<RemovalContext, 'signal'>): Promise<StoreCondition>
  /** The outcome of creates that were never answered. Changes nothing. */
  resolve?(request: ResolveRequest, ctx: RemovalContext): Promise<Resolved>
}

export interface ConnectContext {
  readonly signal: AbortSignal
  /** Milliseconds since the epoch. */
  readonly deadline: number
  /**
   * Called before connecting to an address that neither the record nor the option `url` gives in full (the user name of a captured client).
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
  /** `read-back`: every target is checked after its removal. */
  readonly verify: 'auto' | 'read-back' | 'none'
  /** All targets or none: if one cannot be removed, none is. Only set for drivers whose batches are atomic. */
  readonly atomic?: boolean
  /**
   * Set for backups and restores: a folder of the run for contents that are not JSON. It may not exist
   * yet; only its owner may read it (mode 0700).
   */
  readonly backups?: string
  /** Stores a note with the resources, for the next process that removes them; `null` deletes it. */
  note?(ids: readonly ResourceId[], note: Json): void
  /** Warns of something that does not change an outcome. Reported once per run. */
  warn?(code: Code, message: string): void
}

export interface RelateContext extends RemovalContext {
  /** Only set after a removal was refused with `has-dependents`; until then the store's knowledge of its tables has to do. */
  readonly dependents: boolean
}

export interface Relations {
  /**
   * Targets that belong together: a table, or a cycle of tables. Groups with no group of another store between them are passed
   * to one call of remove(), children first.
   */
  readonly group: ReadonlyMap<ResourceId, string>
  /** Between groups: the child is removed first. */
  readonly edges: readonly (readonly [child: string, parent: string])[]
  /** Unrecorded resources that depend on a target. Empty unless requested. */
  readonly dependents: readonly Dependent[]
}

export interface Dependent {
  readonly of: ResourceId
  readonly type: string
  readonly key: Json
  readonly rule: 'cascade' | 'set-null' | 'restrict'
  /** `after-parent`: proven to be created after its parent, so it is the test's too. */
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
  /** How far its clock is ahead of this machine's. */
  readonly aheadMs: number
  readonly findings: readonly StoreFinding[]
}

/** A problem for removal. `wrong`: something cannot be removed at all. */
export interface StoreFinding {
  readonly state: 'warning' | 'wrong'
  readonly message: string
  /** SQL that helps. */
  readonly fix: string
}
