/** What a store's author gives to the suite: a place with things in it. */
import type { Json } from '@dustpan/core/driver'

export interface DriverSubject {
  /** As it is printed: `postgres`, `sqlite (better-sqlite3)`. */
  readonly name: string
  /** The driver's package, as a configuration names it: `@dustpan/postgres`. */
  readonly use: string
  /** The type that records give to the things that {@link StoreClient.create} makes: the table's name, say. */
  readonly kind: string
  /** The client library that a test uses, and what of it is supported, as the driver says it when it is missing. Absent: it is part of Node. */
  readonly library?: { readonly name: string; readonly range: string }
  /** Cases that do not hold of this store. */
  readonly excuses: readonly Excuse[]
  /** Starts the server, or connects to the one that the environment names; a reason, where there is none. */
  start(): Promise<StoreServer | { readonly missing: string }>
}

/** An excused case is run all the same where the subject offers what it takes: once it passes, the excuse is over. */
export interface Excuse {
  readonly cases: readonly string[]
  readonly reason: string
  /** It would hang, or do harm: not even tried. */
  readonly untried?: true
}

export interface StoreServer extends AsyncDisposable {
  /** Name and version as the server tells them: `PostgreSQL 18.4`. */
  readonly product: string
  /** More cases that do not hold, of this very server. */
  readonly excuses?: readonly Excuse[]
  /** Where it listens. Absent: there is no connection that could break. */
  readonly address?: Address
  /** Passwords and the like that stand in the options of its places: none may turn up anywhere else. */
  readonly secrets: readonly string[]
  /**
   * A place of its own for one case (a database, a file, a prefix): the kind is there, and nothing in it.
   * `at`: what the place's options and clients connect to in place of the server's own address.
   */
  place(options?: { readonly at?: Address }): Promise<Place>
}

export interface Address {
  readonly host: string
  readonly port: number
}

export type Options = { readonly [option: string]: Json }

export interface Place extends AsyncDisposable {
  /** The driver's options that lead here, as a configuration file has them. */
  readonly options: Options
  /** What `track()` is given to have a thing of the kind removed, without the store: `{ table: 'things' }`. */
  readonly remove: Options
  /** What is to be handed to Dustpan, as its module hooks would: the client libraries. */
  readonly libraries: readonly unknown[]
  /**
   * A client as a test has it, of so many connections that all share (one, unless said). `unseen`: a stranger's, that Dustpan must not
   * see: of a copy of the library that nobody handed to it, see {@link freshCopy}.
   */
  client(how?: { readonly pool?: number; readonly unseen?: true }): Promise<StoreClient>
  /** Everything that is there, of every kind, a line for each, sorted; asked at the server's own address. */
  list(): Promise<readonly string[]>

  /** Each way in which the client creates things. */
  readonly forms: readonly Form[]
  /** A form for each type of key that the store has. */
  readonly keyTypes: readonly Form[]
  /** Names of tables, columns, collections, topics that break careless code; keys and values of {@link hostileTexts}. */
  readonly hostile: readonly Form[]
  /** Ways in which what was there goes, and comes back the same. */
  readonly remakes?: readonly Remake[]

  /** Empties the kind in the store's quickest way (TRUNCATE, drop and make anew): keys begin again. */
  empty?(): Promise<void>
  /** Another store comes in this one's place, at the same address, with the same kinds and nothing in them. */
  replace?(): Promise<void>
  /** Until disposed, the store answers the removal of the thing with an error (a trigger, a rule). */
  resist?(key: Json): Promise<AsyncDisposable>
  /** Until disposed, the store says of the thing that it was removed, and it stays. */
  survive?(key: Json): Promise<AsyncDisposable>
  /** Until disposed, somebody else's open work holds the thing (a lock), so that its removal would wait. */
  hold?(key: Json): Promise<AsyncDisposable>
  /** Until disposed, the store refuses every change. */
  readOnly?(): Promise<AsyncDisposable>
  /** Options of a user who may look and may not remove. */
  powerless?(): Promise<Options>
  /** Options with a wrong password, which stands among the server's secrets. */
  readonly wrongCredentials?: Options
}

/** What is done through it inside a test's scope is captured. Keys are as records have them. */
export interface StoreClient extends AsyncDisposable {
  /** In one statement, where there are such. `text`: what the things are to hold. */
  create(count: number, text?: string): Promise<readonly Json[]>
  /** One with this key; rejects as the client does where there is one, if the store can say so. */
  createAs(key: Json): Promise<void>
  remove(keys: readonly Json[]): Promise<void>
  /** Creates a thing, or changes the one that has the key. */
  upsert?(key: Json): Promise<void>
  /** Something of another kind that refers to a thing and cannot be without it. */
  createDependent?(key: Json): Promise<void>
  /** What refers to the one refers to the other from now on. */
  repoint?(from: Json, to: Json): Promise<void>
  begin?(): Promise<OpenTransaction>
}

export interface OpenTransaction {
  create(count: number): Promise<readonly Json[]>
  /** Gives what goes back to here. */
  savepoint?(): Promise<() => Promise<void>>
  commit(): Promise<void>
  rollback(): Promise<void>
}

export interface Remake {
  readonly title: string
  /** `seeds`: the keys of two things that hold the text `of a stranger`. */
  remake(client: StoreClient, seeds: readonly Json[]): Promise<unknown>
}

export interface Form {
  readonly title: string
  /** Creates things, of any kind, and gives how many. */
  create(client: StoreClient): Promise<number>
}
