/** What is to be removed, and what became of it. */

import type { DustpanError } from '../errors/dustpan-error.ts'
import type { Json, Proof, Removal, ResourceId } from './resource.ts'

/** What is to be removed, by one removal step. */
export interface Target {
  readonly id: ResourceId
  readonly type: string
  readonly key: Json
  readonly removal: Removal
  readonly proof: Proof
  /** Milliseconds since the epoch, by this machine's clock. */
  readonly createdAt: number
  /** When what created it was about to be sent. */
  readonly begunAt?: number | undefined
  /** When the test, file or run was over at whose end it goes, in milliseconds since the epoch; left out while that is now. */
  readonly endedAt?: number
  /** Its id and its removal are what a driver concluded from a request or a statement; nobody gave them by hand. */
  readonly captured?: boolean
  /** What an earlier removal of it had the pipeline remember: a job that it began. */
  readonly note?: Json
  /** An earlier removal of it was begun, and nobody knows what came of that: its cleaner died, or did not wait for the answer. */
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
      /** That it was gone by itself says nothing against the store's address (its time to live was over). */
      readonly expected?: true
      /** It was only marked as deleted: for the application it is gone, and the store still has it. */
      readonly marked?: true
      /** The file that its row named was removed with it. */
      readonly withFile?: true
      /** It was not there when it was tracked either: nothing shows that it ever was. */
      readonly neverSeen?: true
    }
  /** Never retried by itself. */
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
      /** What stood in the way. */
      readonly error?: DustpanError
    }
  | { readonly state: 'failed'; readonly error: DustpanError; readonly retry: false | { readonly afterMs?: number } }

export type RestoreOutcome =
  /** `result`: `200 OK`. `alreadyThere`: it was never away, so nothing was done. */
  | { readonly state: 'restored'; readonly result?: string; readonly alreadyThere?: true }
  /** `unsure`: it may be back all the same. */
  | { readonly state: 'failed'; readonly error: DustpanError; readonly unsure?: true }

/** What is on record besides, and stays. */
export interface Staying extends Target {
  /** Its test, file or run is not over, as far as is known. */
  readonly goesOn: boolean
}

/** What stays, and would go with something that is to go. */
export interface TakenAlong {
  readonly id: ResourceId
  /** In a sentence: why the other one has to stay as well. */
  readonly why: string
}

/** A thing that was removed, as it was. */
export interface BackedUp {
  readonly target: Target
  readonly backup: Json
}

/** What cannot be removed, and was tracked to be seen. */
export interface Followed {
  readonly id: ResourceId
  readonly type: string
  readonly key: Json
}

/** Whether something is still there; `unknown`: it cannot be told. */
export type Presence = 'present' | 'absent' | 'unknown'
