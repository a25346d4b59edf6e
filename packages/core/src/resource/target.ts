/** Targets of removal, and their outcomes. */

import type { DustpanError } from '../errors/dustpan-error.ts'
import type { Json, Proof, Removal, ResourceId } from './resource.ts'

/** A resource to remove, by one removal step. */
export interface Target {
  readonly id: ResourceId
  readonly type: string
  readonly key: Json
  readonly removal: Removal
  readonly proof: Proof
  /** Milliseconds since the epoch, by this machine's clock. */
  readonly createdAt: number
  /** When the creating statement or request was about to be sent. */
  readonly begunAt?: number | undefined
  /** When the test, file or run that bounds its lifetime was over, in milliseconds since the epoch; omitted while that is now. */
  readonly endedAt?: number
  /** A driver derived its id and removal from a request or a statement; they were not given by hand. */
  readonly captured?: boolean
  /** A note that an earlier removal left: a job that it began. */
  readonly note?: Json
  /** An earlier removal was begun, and its outcome is unknown: its cleaner died, or did not wait for the answer. */
  readonly interrupted?: true
}

export type RefusalReason =
  | 'not-ours'
  | 'changed-since'
  | 'has-dependents'
  | 'wrong-store'
  | 'host'
  | 'profile'
  | 'protected'
  | 'too-old'
  | 'too-many'

export type RemovalOutcome =
  | {
      readonly state: 'removed' | 'already-gone'
      /** For people: `200 OK`, `1 row`. */
      readonly result?: string
      /** Its absence is no evidence against the store's address (its time to live was over). */
      readonly expected?: true
      /** Only marked as deleted: gone for the application, still in the store. */
      readonly marked?: true
      /** The file named in the row was removed with it. */
      readonly withFile?: true
      /** It did not exist when it was tracked either: there is no evidence that it ever did. */
      readonly neverSeen?: true
    }
  /** Never retried automatically. */
  | {
      readonly state: 'refused'
      readonly why: RefusalReason
      readonly detail: Json
      readonly error?: DustpanError
    }
  | {
      readonly state: 'pending'
      readonly why: 'accepted' | 'job' | 'open-transaction' | 'in-flight' | 'unreachable' | 'budget' | 'holds-others'
      readonly afterMs: number
      /** What prevented it. */
      readonly error?: DustpanError
    }
  | { readonly state: 'failed'; readonly error: DustpanError; readonly retry: false | { readonly afterMs?: number } }

export type RestoreOutcome =
  /** `result`: `200 OK`. `alreadyThere`: it was never gone, so nothing was done. */
  | { readonly state: 'restored'; readonly result?: string; readonly alreadyThere?: true }
  /** `unsure`: it may be restored all the same. */
  | { readonly state: 'failed'; readonly error: DustpanError; readonly unsure?: true }

/** A recorded resource that is kept. */
export interface Staying extends Target {
  /** Its test, file or run is still going on, as far as known. */
  readonly goesOn: boolean
}

/** A kept resource that the removal of another one would delete. */
export interface TakenAlong {
  readonly id: ResourceId
  /** As a sentence: why the other one has to be kept as well. */
  readonly why: string
}

/** A removed resource, with its contents before. */
export interface BackedUp {
  readonly target: Target
  readonly backup: Json
}

/** A resource that cannot be removed, and is tracked only to be reported. */
export interface Followed {
  readonly id: ResourceId
  readonly type: string
  readonly key: Json
}

/** Whether a resource still exists; `unknown`: impossible to say. */
export type Presence = 'present' | 'absent' | 'unknown'
