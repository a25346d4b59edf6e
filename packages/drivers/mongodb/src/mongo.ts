/** Structural types for the parts of the official client that the driver uses, so that any copy of it fits. */
import { type ClientLibrary, loadLibrary } from '@dustpan/core/driver'

export type Document = { readonly [field: string]: unknown }

export interface MongoModule {
  readonly MongoClient: MongoClientClass
  readonly BSON: { readonly EJSON: Ejson }
}

export interface Ejson {
  serialize(value: unknown, options: { relaxed: boolean }): unknown
  deserialize(value: unknown, options: { relaxed: boolean }): unknown
}

export interface MongoClientClass {
  new (url: string, options?: Document): MongoClient
  readonly prototype: MongoClient
}

export interface MongoClient {
  readonly topology?: Topology | undefined
  readonly s?: { readonly url?: string }
  readonly options?: ParsedOptions
  connect(): Promise<unknown>
  startSession(...args: readonly unknown[]): unknown
  close(): Promise<unknown>
  db(name: string): Database
}

/** The connection string and the options, as the client parsed them. */
export interface ParsedOptions extends Document {
  readonly credentials?: {
    readonly username?: string
    readonly password?: string
    readonly source?: string
    readonly mechanism?: string
  }
}

export interface Topology {
  readonly description: { readonly servers: ReadonlyMap<string, unknown>; readonly setName?: string | null }
  readonly s: { readonly servers: ReadonlyMap<string, { readonly pool?: object }> }
}

export interface Database {
  command(command: Document, options?: Document): Promise<Document>
  collection(name: string): Collection
  listCollections(filter: Document, options?: Document): Cursor
}

export interface Collection {
  find(filter: Document, options?: Document): Cursor
  insertMany(documents: readonly Document[], options?: Document): Promise<unknown>
  countDocuments(filter: Document, options?: Document): Promise<number>
  deleteMany(filter: Document, options?: Document): Promise<{ readonly deletedCount: number }>
  updateMany(filter: Document, update: Document, options?: Document): Promise<{ readonly matchedCount: number }>
  bulkWrite(operations: readonly Document[], options?: Document): Promise<{ readonly matchedCount: number }>
}

export interface Cursor {
  toArray(): Promise<readonly Document[]>
}

/** A socket of the client; every command goes through one. */
export interface Connection {
  readonly address: string
  command(ns: Namespace, command: Document, options?: CommandOptions, responseType?: unknown): Promise<unknown>
}

export interface Namespace {
  readonly db: string
}

export interface CommandOptions extends Document {
  readonly session?: Session
}

export interface Session {
  readonly client: MongoClient
  readonly serverSession?: { readonly txnNumber: number }
  /** A new object for each transaction; its number is only assigned with the first command. */
  readonly transaction?: object
  inTransaction(): boolean
}

export const library: ClientLibrary = { name: 'mongodb', range: '^6.10 || ^7' }

/** @throws DustpanError `DUSTPAN_DRIVER_UNAVAILABLE` */
export function loadMongo(root: string): MongoModule {
  return loadLibrary(library, root, import.meta.url) as MongoModule
}
