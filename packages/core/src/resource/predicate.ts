/** Removal of what no record proves to be ours: never by itself without a profile that allows it, counted first, limited, audited. */
import type { DustpanError } from '../errors/dustpan-error.ts'
import type { Json } from './resource.ts'

/** Which things are meant. All that is given must hold; at least one is given. */
export interface Predicate {
  /** Kinds that the driver's options name: tables, endpoints. Absent: all that can answer. */
  readonly types?: readonly string[]
  /** Kinds that are left out. */
  readonly except?: readonly string[]
  /** Made in this run, as the thing's own metadata says. */
  readonly run?: string
  readonly tag?: string
  /** Whose they are; the owner stays. */
  readonly owner?: string | number
  /** Made before this time, in milliseconds since the epoch. */
  readonly before?: number
  /** Made after this time, in milliseconds since the epoch. */
  readonly after?: number
  /** Fields and the values that they have; in a text `%` stands for any text. */
  readonly where?: { readonly [field: string]: Json }
  /** Everything of these kinds. */
  readonly reset?: true
}

/** What an application calls its test data where nothing else is said; a column that is a flag stands for this tag. */
export const defaultTag = 'test-data'

/** A predicate, and what holds for it in this environment. */
export interface Selection {
  readonly predicate: Predicate
  /** Asked for by hand. @default as the driver's options and the profile say */
  readonly deletion?: 'hard' | 'soft'
  readonly spared: Spared
  /** Absent: things are asked for by their run, or all of them. */
  readonly runs?: RunsAtWork
  /** Columns that carry the run's id and the time, where a table has them; absent: they are not looked for. */
  readonly metadata?: MetadataColumns
}

export interface MetadataColumns {
  readonly run: string
  readonly createdAt: string
}

/** What carries the id of a run stays while that may be going on. */
export interface RunsAtWork {
  /** Nothing of theirs goes. */
  readonly goingOn: readonly string[]
  /** What is theirs may go: they are over, or are whose question this is. Those that began long ago are left out. */
  readonly over: readonly string[]
  /** What is any other run's may go if it was made before that, in milliseconds since the epoch. */
  readonly before: number
  /** The same by the run's id, which begins with the time: for what does not say when it was made. */
  readonly begunBefore: string
}

/** What stays, whatever a predicate says. */
export interface Spared {
  readonly types: readonly string[]
  readonly ids: { readonly [type: string]: readonly Json[] }
}

/** What a store finds, or took. */
export interface Matches {
  readonly kinds: readonly Matched[]
  /** The kind of the owner, who stays. */
  readonly preserved?: string
  /** Of the names in `except` those that it knows; absent: it does not tell. */
  readonly excepted?: readonly string[]
}

/** What a predicate finds, or took, of one kind. */
export interface Matched {
  readonly type: string
  /** `unknown`: the store cannot say beforehand, or did not tell. */
  readonly count: number | 'unknown'
  readonly method: 'hard' | 'soft'
  /** Some of their keys, for the plan. */
  readonly sample?: readonly Json[]
  /** Found and not taken, by the reason; how many, where somebody has counted. */
  readonly left?: readonly { readonly count?: number; readonly error: DustpanError }[]
  /** Nothing of this kind was counted, or taken. */
  readonly error?: DustpanError
}

/** How many of each kind may go; of a kind that is not named none. `Infinity`: agreed to without a count. */
export type Agreed = ReadonlyMap<string, number>
