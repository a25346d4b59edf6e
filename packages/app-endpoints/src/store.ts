/** The functions that the application provides for each type of test data. */

/** @example { users: { create, remove, removeData, id: /^\d+$/ }, items: { create, remove, removeByTag, softDelete: true } } */
export interface TestDataStore {
  /** Keyed by the name in the path (`users`), parents before children: removals across types run in reverse order. */
  readonly types: { readonly [type: string]: TestDataType }
  /** Empties the application's data. Called only in the environment `test`. May return how many of each kind it removed. */
  reset?(): Counts | undefined | Promise<Counts | undefined>
}

/** A missing function is answered with 501, an error with a `status` from 400 to 499 with that status and its message. */
export interface TestDataType {
  /** Returns the created resource, with its `id`. */
  create?(fields: Fields, mark: Mark): unknown
  /** The resource with this id, or nothing. If provided, only resources marked as test data can be removed by id or owner. */
  find?(id: string): unknown
  /** Returns whether the resource existed. */
  remove?(id: string, how: Removal): boolean | Promise<boolean>
  /** Removes those with any of the tags, and returns their number. */
  removeByTag?(tags: readonly string[], how: Removal): number | Promise<number>
  /** Removes those that were created in a run, and returns their number. */
  removeByRun?(run: string, how: Removal): number | Promise<number>
  /**
   * Removes what belongs to the owner, but not the owner. Returns how many of each kind, or nothing if the owner does not
   * exist.
   */
  removeData?(owner: string, what: OwnedData): Counts | undefined | Promise<Counts | undefined>
  /** The pattern of valid ids; any other id is answered with 400. */
  readonly id?: RegExp
  /** Whether removal only marks resources as deleted, unless it is permanent. @default false */
  readonly softDelete?: boolean
  /** The singular name. @default the type's name without its last s */
  readonly singular?: string
  /** Fields that get the test prefix. @default ['name', 'email'] */
  readonly names?: readonly string[]
}

export type Fields = { readonly [field: string]: unknown }

export type Counts = { readonly [kind: string]: number }

/** The marks of test data; the application decides where to store them. */
export interface Mark {
  readonly isTest: true
  readonly tags: readonly string[]
  readonly testId: string
  /** The run that the test belongs to. */
  readonly run: string
  /** After this, anybody may remove it. */
  readonly expiresAt: Date
}

export interface Removal {
  /** Whether to delete permanently, rather than in the application's usual way. */
  readonly permanent: boolean
  /** The calling test's id, if it was sent. */
  readonly testId: string | undefined
}

export interface OwnedData {
  /** `?include_otp=false` is `{ otp: false }`. Kinds that are not named here are removed. */
  readonly include: { readonly [kind: string]: boolean }
  readonly testId: string | undefined
}

const functions = ['create', 'find', 'remove', 'removeByTag', 'removeByRun', 'removeData'] as const

/** @throws TypeError for an invalid type name, or a value that is not a function */
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
