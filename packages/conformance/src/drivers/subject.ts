/** What a store must provide for the suite: servers, places and clients. */
import type { Json } from '@dustpan/core/driver'

export interface DriverSubject {
  /** The printed name: `postgres`, `sqlite (better-sqlite3)`. */
  readonly name: string
  /** The driver's package, as a configuration names it: `@dustpan/postgres`. */
  readonly use: string
  /** The recorded type of resources created by {@link StoreClient.create}: the table's name, for example. */
  readonly kind: string
  /** The client library and its supported range, as in the driver's message when it is missing. Absent if it is part of Node. */
  readonly library?: { readonly name: string; readonly range: string }
  /** Cases that this store cannot pass. */
  readonly excuses: readonly Excuse[]
  /** Starts the server, or connects to the one named in the environment; otherwise returns the reason. */
  start(): Promise<StoreServer | { readonly missing: string }>
}

/** An excused case still runs if the subject has everything it needs; once it passes, the excuse must be deleted. */
export interface Excuse {
  readonly cases: readonly string[]
  readonly reason: string
  /** Not run at all, as the case would hang or do harm. */
  readonly untried?: true
}

export interface StoreServer extends AsyncDisposable {
  /** Name and version reported by the server: `PostgreSQL 18.4`. */
  readonly product: string
  /** More cases that this particular server cannot pass. */
  readonly excuses?: readonly Excuse[]
  /** Where it listens. Absent if there is no connection that could break. */
  readonly address?: Address
  /** Secrets in the options of its places, which must not appear anywhere else. */
  readonly secrets: readonly string[]
  /**
   * Creates a separate place for one case (a database, a file, a prefix), with the kind and no resources in it.
   * `at`: the address that the place's options and clients use instead of the server's own.
   */
  place(options?: { readonly at?: Address }): Promise<Place>
}

export interface Address {
  readonly host: string
  readonly port: number
}

export type Options = { readonly [option: string]: Json }

export interface Place extends AsyncDisposable {
  /** The driver's options for this place, as in a configuration file. */
  readonly options: Options
  /** The `remove` option of `track()` for a resource of the kind, without the store: `{ table: 'things' }`. */
  readonly remove: Options
  /** The client libraries, to be delivered to Dustpan as its module hooks would. */
  readonly libraries: readonly unknown[]
  /**
   * A test's client. `pool`: the number of connections (default 1). `unseen`: a stranger's client, which Dustpan must not see,
   * from a copy of the library that was not delivered, see {@link freshCopy}.
   */
  client(how?: { readonly pool?: number; readonly unseen?: true }): Promise<StoreClient>
  /** All resources of every kind, one line each, sorted; read at the server's own address. */
  list(): Promise<readonly string[]>

  /** The ways in which the client creates resources. */
  readonly forms: readonly Form[]
  /** A form for each key type of the store. */
  readonly keyTypes: readonly Form[]
  /** Names of tables, columns, collections or topics that break careless code; keys and values from {@link hostileTexts}. */
  readonly hostile: readonly Form[]
  /** Ways to delete existing resources and create them again unchanged. */
  readonly remakes?: readonly Remake[]

  /** Empties the kind in the store's quickest way (TRUNCATE, drop and create): generated keys start again. */
  empty?(): Promise<void>
  /** Replaces the store by an empty one with the same kinds, at the same address. */
  replace?(): Promise<void>
  /** Until disposed, the store fails the resource's removal (by a trigger, a rule). */
  resist?(key: Json): Promise<AsyncDisposable>
  /** Until disposed, the store confirms the resource's removal but keeps it. */
  survive?(key: Json): Promise<AsyncDisposable>
  /** Until disposed, another transaction locks the resource, so that its removal would wait. */
  hold?(key: Json): Promise<AsyncDisposable>
  /** Until disposed, the store refuses every change. */
  readOnly?(): Promise<AsyncDisposable>
  /** Options of a user who may read but not remove. */
  powerless?(): Promise<Options>
  /** Options with a wrong password, which is among the server's secrets. */
  readonly wrongCredentials?: Options
}

/** A client whose calls are captured inside a test's scope. Keys have the form that they have in records. */
export interface StoreClient extends AsyncDisposable {
  /** Creates resources, in one statement where the store has statements. `text`: their content. */
  create(count: number, text?: string): Promise<readonly Json[]>
  /** Creates one with this key; rejects with the client's error if it exists, where the store can tell. */
  createAs(key: Json): Promise<void>
  remove(keys: readonly Json[]): Promise<void>
  /** Creates a resource, or updates the one with the key. */
  upsert?(key: Json): Promise<void>
  /** Creates a resource of another kind with a mandatory reference to this one. */
  createDependent?(key: Json): Promise<void>
  /** Changes references from one resource to another. */
  repoint?(from: Json, to: Json): Promise<void>
  begin?(): Promise<OpenTransaction>
}

export interface OpenTransaction {
  create(count: number): Promise<readonly Json[]>
  /** Resolves to a function that rolls back to this point. */
  savepoint?(): Promise<() => Promise<void>>
  commit(): Promise<void>
  rollback(): Promise<void>
}

export interface Remake {
  readonly title: string
  /** `seeds`: the keys of two resources with the text `of a stranger`. */
  remake(client: StoreClient, seeds: readonly Json[]): Promise<unknown>
}

export interface Form {
  readonly title: string
  /** Creates resources of any kind, and resolves to their number. */
  create(client: StoreClient): Promise<number>
}
