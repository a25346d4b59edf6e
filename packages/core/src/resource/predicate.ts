/** Removal of resources that no record proves to be ours: never automatic unless a profile allows it, counted first, limited, audited. */
import type { DustpanError } from '../errors/dustpan-error.ts'
import type { Json } from './resource.ts'

/** Selects resources. All given conditions must hold; at least one is given. */
export interface Predicate {
  /** Kinds named in the driver's options: tables, endpoints. Absent: all kinds that support the predicate. */
  readonly types?: readonly string[]
  /** Kinds that are left out. */
  readonly except?: readonly string[]
  /** Created in this run, according to the resource's own metadata. */
  readonly run?: string
  readonly tag?: string
  /** The owner, who is kept. */
  readonly owner?: string | number
  /** Created before this time, in milliseconds since the epoch. */
  readonly before?: number
  /** Created after this time, in milliseconds since the epoch. */
  readonly after?: number
  /** Fields and their values; in a string `%` matches any text. */
  readonly where?: { readonly [field: string]: Json }
  /** Everything of these kinds. */
  readonly reset?: true
}

/** The tag of an application's test data by default; a boolean column represents this tag. */
export const defaultTag = 'test-data'

/** A predicate, and the rules for it in this environment. */
export interface Selection {
  readonly predicate: Predicate
  /** Requested by the user. @default by the driver's options and the profile */
  readonly deletion?: 'hard' | 'soft'
  readonly spared: Spared
  /** Absent: the predicate selects by run, or selects everything. */
  readonly runs?: RunsAtWork
  /** Columns with the run's id and the time, in tables that have them; absent: they are not used. */
  readonly metadata?: MetadataColumns
}

export interface MetadataColumns {
  readonly run: string
  readonly createdAt: string
}

/** Resources that carry a run's id are kept while that run may be going on. */
export interface RunsAtWork {
  /** Nothing of these runs is removed. */
  readonly goingOn: readonly string[]
  /** Resources of these runs may be removed: they are over, or the asking run itself. Runs that began long ago are omitted. */
  readonly over: readonly string[]
  /** Resources of any other run may be removed if created before this time, in milliseconds since the epoch. */
  readonly before: number
  /** The same as the start of a run id, which begins with the time: for resources without a creation time. */
  readonly begunBefore: string
}

/** What is kept, whatever a predicate selects. */
export interface Spared {
  readonly types: readonly string[]
  readonly ids: { readonly [type: string]: readonly Json[] }
}

/** What a store found, or removed. */
export interface Matches {
  readonly kinds: readonly Matched[]
  /** The kind of the owner, who is kept. */
  readonly preserved?: string
  /** The names in `except` that it knows; absent: it does not say. */
  readonly excepted?: readonly string[]
}

/** What was found or removed of one kind. */
export interface Matched {
  readonly type: string
  /** `unknown`: the store cannot say beforehand, or did not report it. */
  readonly count: number | 'unknown'
  readonly method: 'hard' | 'soft'
  /** Some of their keys, for the plan. */
  readonly sample?: readonly Json[]
  /** Found but not removed, by reason; with a number if counted. */
  readonly left?: readonly { readonly count?: number; readonly error: DustpanError }[]
  /** Nothing of this kind was counted or removed. */
  readonly error?: DustpanError
}

/** How many of each kind may be removed; none of a kind not listed. `Infinity`: agreed to without a count. */
export type Agreed = ReadonlyMap<string, number>
