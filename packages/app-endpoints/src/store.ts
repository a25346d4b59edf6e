/** What the application gives: its own functions, by type. No one else's knowledge of its database is needed. */

/** @example { users: { create, remove, removeData, id: /^\d+$/ }, items: { create, remove, removeByTag, softDelete: true } } */
export interface TestDataStore {
  /** By the name in the path (`users`), parents before what refers to them: removals across types go the other way round. */
  readonly types: { readonly [type: string]: TestDataType }
  /** Empties what tests write to. Only ever called where the environment is `test`. May tell how many of each went. */
  reset?(): Counts | undefined | Promise<Counts | undefined>
}

/** What is left out is answered with 501. What throws an error with a `status` from 400 to 499 is answered with that and its message. */
export interface TestDataType {
  /** Gives what was created, with its `id`. */
  create?(fields: Fields, mark: Mark): unknown
  /** What there is under an id, or nothing. With it, only what is marked as test data can be removed by id or owner. */
  find?(id: string): unknown
  /** Whether there was such a thing. */
  remove?(id: string, how: Removal): boolean | Promise<boolean>
  /** Those that have one of the tags; how many they were. */
  removeByTag?(tags: readonly string[], how: Removal): number | Promise<number>
  /** Those that were created in a run; how many they were. */
  removeByRun?(run: string, how: Removal): number | Promise<number>
  /** What belongs to this one, which stays. How many of each kind went; nothing if there is no such owner. */
  removeData?(owner: string, what: OwnedData): Counts | undefined | Promise<Counts | undefined>
  /** What an id looks like; anything else is answered with 400. */
  readonly id?: RegExp
  /** Whether these are marked as deleted, unless they are removed for good. @default false */
  readonly softDelete?: boolean
  /** What one of them is called. @default the type's name without its last s */
  readonly singular?: string
  /** Fields that get the test prefix. @default ['name', 'email'] */
  readonly names?: readonly string[]
}

export type Fields = { readonly [field: string]: unknown }

export type Counts = { readonly [kind: string]: number }

/** By what something is known as test data; where it is written is the application's affair. */
export interface Mark {
  readonly isTest: true
  readonly tags: readonly string[]
  readonly testId: string
  /** The run that the test belongs to. */
  readonly run: string
  /** From then on it may be removed by anybody. */
  readonly expiresAt: Date
}

export interface Removal {
  /** For good, or as the application usually deletes. */
  readonly permanent: boolean
  /** Of the test that asks, if it says. */
  readonly testId: string | undefined
}

export interface OwnedData {
  /** `?include_otp=false` is `{ otp: false }`. What is not named here is to go. */
  readonly include: { readonly [kind: string]: boolean }
  readonly testId: string | undefined
}

const functions = ['create', 'find', 'remove', 'removeByTag', 'removeByRun', 'removeData'] as const

/** @throws TypeError for what could not be called later */
export function checkStore({ types, reset }: TestDataStore, reserved: ReadonlySet<string>): void {
  if (reset !== undefined && typeof reset !== 'function') throw new TypeError('store.reset: expected a function')
  for (const [name, type] of Object.entries(types)) {
    if (reserved.has(name) || !/^[\w-]+$/.test(name)) {
      throw new TypeError(`store.types: a type cannot be called ${JSON.stringify(name)}, as it is a part of the path`)
    }
    const bad = functions.find((key) => type[key] !== undefined && typeof type[key] !== 'function')
    if (bad) throw new TypeError(`store.types.${name}.${bad}: expected a function, got ${typeof type[bad]}`)
  }
}
