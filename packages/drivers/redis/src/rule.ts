/** A command with its arguments, as far as it matters here. Arguments do not count the command's name. */
import type { Arg } from './keys.ts'

export type Args = readonly Arg[]

export interface Rule {
  /** Places of the keys that the command may create. */
  readonly creates?: (args: Args) => readonly number[]
  /** What TYPE says of them. Undefined: whatever another key is. */
  readonly type?: string
  /** The answer alone proves that nothing was there. Undefined: EXISTS is asked ahead, in the same write. */
  readonly told?: (reply: unknown, args: Args) => boolean
  /** Places of keys for which EXISTS is asked ahead though they are not created. */
  readonly asks?: (args: Args) => readonly number[]
  /** Places of keys of which only the server can tell whether the command has deleted them: EXISTS is asked behind it, in the same write. */
  readonly asksAfter?: (args: Args) => readonly number[]
  /** Places of keys that certainly were there before the command, by its answer. What EXISTS found is known anyway. */
  readonly there?: (args: Args, reply: unknown) => readonly number[]
  /** Whether the command wrote anything, by its answer. @default always */
  readonly wrote?: (reply: unknown) => boolean
  /** Places of the keys that are not there afterwards. */
  readonly deletes?: (args: Args, reply: unknown) => readonly number[]
  /** What was under the one key, or a part of it, is now under the other: it is the test's, if it was before. */
  readonly moves?: { readonly from: number; readonly to: number; readonly part?: true }
  /** Place of the key whose value, and time to live, the created one gets: PTTL is asked ahead, in the same write. */
  readonly copies?: number
  /** Its arguments may be keys: asked behind it are the first, and those on record. */
  readonly mayName?: true
  /** The answer does not tell whether it wrote: of the old and the new time to live, the earlier counts. */
  readonly unsure?: true
  /** It may wait for other clients. */
  readonly waits?: true
  /** The database in which it creates, where that is another. */
  readonly database?: (args: Args) => number | undefined
  /** When the keys go by themselves, in milliseconds since the epoch; `Infinity`: never. */
  readonly expires?: (args: Args, now: number) => number | undefined
  /** What a key held, and when it was to go by itself, is replaced. */
  readonly replaces?: true
  /** Every key of the database, of all databases, or of these. */
  readonly empties?: 'database' | 'all' | ((args: Args) => readonly number[])
  /** What it creates cannot be told. */
  readonly cannotTell?: true
}

/** What is known of a command: what it does, that it creates nothing, or that nobody can tell. */
export type Known = Rule | 'creates-nothing' | 'cannot-tell'

export type Entry = Rule | ((args: Args) => Rule | undefined)

export const places =
  (...at: readonly number[]) =>
  () =>
    at
export const first = places(0)

export const every =
  (step = 1) =>
  (args: Args) =>
    Array.from({ length: Math.ceil(args.length / step) }, (_, index) => index * step)

/** As many keys as the argument at that place says follow it. */
export const countedFrom =
  (place: number) =>
  (args: Args): readonly number[] => {
    const count = Number(String(args[place]))
    return Number.isInteger(count) && count > 0 && count < args.length - place
      ? Array.from({ length: count }, (_, index) => place + 1 + index)
      : []
  }

export const isNothing = (reply: unknown) => reply === null
export const isAnything = (reply: unknown) => reply !== null
export const isOne = (reply: unknown) => Number(reply) === 1
export const isSome = (reply: unknown) => Number(reply) > 0

export const ifOne =
  (place: number): NonNullable<Rule['there']> =>
  (_, reply) =>
    isOne(reply) ? [place] : []

export const ifNothing: NonNullable<Rule['there']> = (_, reply) => (isNothing(reply) ? [0] : [])
export const ifAnything: NonNullable<Rule['there']> = (_, reply) => (isAnything(reply) ? [0] : [])

export const asked = (type: string, more: Rule = {}): Rule => ({ creates: first, type, ...more })
/** What was not created was there, where one key alone is meant. */
export const told = (type: string, by: NonNullable<Rule['told']>, more: Rule = {}): Rule =>
  asked(type, { told: by, there: (args, reply) => (by(reply, args) ? [] : [0]), ...more })

/** Nothing is known of the command: its arguments may be keys, which it may delete. */
export const unknownRule: Rule = {
  cannotTell: true,
  asks: first,
  asksAfter: every(),
  mayName: true,
  wrote: () => false,
}
