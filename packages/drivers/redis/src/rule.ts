/** Rules that describe what a command does to keys. Places are indexes into its arguments, without the command's name. */
import type { Arg } from './keys.ts'

export type Args = readonly Arg[]

export interface Rule {
  /** Places of the keys that the command may create. */
  readonly creates?: (args: Args) => readonly number[]
  /** Their type, as TYPE replies. Undefined: the type of another key. */
  readonly type?: string
  /** Whether the reply alone proves that the key is new. Undefined: an EXISTS is sent ahead, in the same write. */
  readonly provesNew?: (reply: unknown, args: Args) => boolean
  /** Places of keys that are checked with EXISTS ahead although the command does not create them. */
  readonly checksBefore?: (args: Args) => readonly number[]
  /** Places of keys that the command may have deleted without saying so: an EXISTS follows it, in the same write. */
  readonly checksAfter?: (args: Args) => readonly number[]
  /** Places of keys that existed before the command, as its reply proves. Keys that EXISTS found need not be listed. */
  readonly there?: (args: Args, reply: unknown) => readonly number[]
  /** Whether the command wrote anything, judging by its reply. @default always */
  readonly wrote?: (reply: unknown) => boolean
  /** Places of the keys that do not exist afterwards. */
  readonly deletes?: (args: Args, reply: unknown) => readonly number[]
  /** Moves the value, or part of it, to another key, which belongs to the test if the source did. */
  readonly moves?: { readonly from: number; readonly to: number; readonly part?: true }
  /** Place of the key whose value and time to live are copied: a PTTL is sent ahead, in the same write. */
  readonly copies?: number
  /** Its arguments may be keys: afterwards the first one is checked, and those on record. */
  readonly mayNameKeys?: true
  /** The reply does not say whether it wrote: the earlier of the old and the new expiry time counts. */
  readonly unsure?: true
  /** It may block until another client writes. */
  readonly waits?: true
  /** The database in which it creates the key, if not the current one. */
  readonly database?: (args: Args) => number | undefined
  /** When the keys expire, in milliseconds since the epoch; `Infinity`: never. */
  readonly expires?: (args: Args, now: number) => number | undefined
  /** Replaces the value and the time to live. */
  readonly replaces?: true
  /** Deletes or moves all keys of the current database, of all databases, or of the listed ones. */
  readonly empties?: 'database' | 'all' | ((args: Args) => readonly number[])
  /** Which keys it creates cannot be determined. */
  readonly cannotTell?: true
}

/** What is known about a command: its rule, that it creates nothing, or that it is unknown. */
export type CommandRule = Rule | 'creates-nothing' | 'cannot-tell'

export type RuleEntry = Rule | ((args: Args) => Rule | undefined)

export const places =
  (...at: readonly number[]) =>
  () =>
    at
export const first = places(0)

export const every =
  (step = 1) =>
  (args: Args) =>
    Array.from({ length: Math.ceil(args.length / step) }, (_, index) => index * step)

/** The keys that follow their number, which is the argument at `place`. */
export const keysCountedAt =
  (place: number) =>
  (args: Args): readonly number[] => {
    const count = Number(String(args[place]))
    return Number.isInteger(count) && count > 0 && count < args.length - place
      ? Array.from({ length: count }, (_, index) => place + 1 + index)
      : []
  }

export const isNull = (reply: unknown) => reply === null
export const isNotNull = (reply: unknown) => reply !== null
export const isOne = (reply: unknown) => Number(reply) === 1
export const isPositive = (reply: unknown) => Number(reply) > 0

export const ifOne =
  (place: number): NonNullable<Rule['there']> =>
  (_, reply) =>
    isOne(reply) ? [place] : []

export const ifNull: NonNullable<Rule['there']> = (_, reply) => (isNull(reply) ? [0] : [])
export const ifNotNull: NonNullable<Rule['there']> = (_, reply) => (isNotNull(reply) ? [0] : [])

/** May create its first key. */
export const creating = (type: string, more: Rule = {}): Rule => ({ creates: first, type, ...more })
/** Creates its first key if the reply proves it; otherwise the key existed. For commands with one key. */
export const creatingIf = (type: string, provesNew: NonNullable<Rule['provesNew']>, more: Rule = {}): Rule =>
  creating(type, { provesNew, there: (args, reply) => (provesNew(reply, args) ? [] : [0]), ...more })

/** The rule of an unknown command: its arguments may be keys, which it may delete. */
export const unknownRule: Rule = {
  cannotTell: true,
  checksBefore: first,
  checksAfter: every(),
  mayNameKeys: true,
  wrote: () => false,
}
