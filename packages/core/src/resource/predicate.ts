/** Removal of what no record proves to be ours: never by itself without a profile that allows it, counted first, limited, audited. */
import type { DustpanError } from '../errors/dustpan-error.ts'
import type { Json } from './resource.ts'

/** Which things are meant. All that is given must hold; at least one is given. */
export interface Predicate {
  /** Kinds that the driver's options name: tables, endpoints. Absent: all of them. */
  readonly types?: readonly string[]
  /** Made in this run, as the thing's own metadata says. */
  readonly run?: string
  readonly tag?: string
  /** Whose they are; the owner stays. */
  readonly owner?: Json
  /** Made before this time, in milliseconds since the epoch. */
  readonly before?: number
  /** Made after this time, in milliseconds since the epoch. */
  readonly after?: number
  /** Fields and the values that they have; a text with `%` is a pattern. */
  readonly where?: { readonly [field: string]: Json }
  /** Everything of these kinds. */
  readonly reset?: true
}

/** What a predicate finds, or took, of one kind. */
export interface Matched {
  readonly type: string
  readonly count: number
  readonly method: 'hard' | 'soft'
  /** Some of their keys, for the plan. */
  readonly sample?: readonly Json[]
  readonly error?: DustpanError
}
