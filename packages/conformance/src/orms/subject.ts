/** What an ORM must provide for the suite: the same few operations. */

export interface Orm {
  /** The npm package: `drizzle-orm`. */
  readonly name: string
  readonly version: string
  readonly connections: readonly Connection[]
}

/** An ORM on a database, through a client library. */
export interface Connection {
  readonly database: DatabaseName
  /** The client library: `pg`. */
  readonly through: string
  /** Why Dustpan cannot see this connection; it is listed, but not tested. */
  readonly excuse?: string
  /** Why it cannot be tested on this machine. */
  readonly missing?: string | undefined
  /** Prepares once, before anything is opened (generates code, for example); the folder is passed to {@link open}. */
  prepare?(): Promise<Prepared>
  /** Loads the ORM, and with it the client library, after Dustpan. */
  open(url: string, prepared: string): Promise<OrmClient>
}

export interface Prepared extends AsyncDisposable {
  /** Where it is. */
  readonly folder: string
}

export type DatabaseName = 'postgres' | 'sqlite' | 'mysql' | 'mongodb'

export interface NewAuthor {
  readonly email: string
  readonly name: string
}

export interface NewBook {
  readonly title: string
  readonly tags: readonly string[]
}

/** Each operation resolves to the ORM's result. */
export interface OrmClient extends AsyncDisposable {
  create(author: NewAuthor): Promise<unknown>
  /** Creates an author with books and their tags, in as few calls as the ORM allows. */
  createNested(author: NewAuthor, books: readonly NewBook[]): Promise<unknown>
  createMany(authors: readonly NewAuthor[]): Promise<unknown>
  /** Creates the author, or renames the one with that email. */
  upsert(author: NewAuthor): Promise<unknown>
  /** In a transaction: creates the author with the book, then throws the error. Rejects as the ORM does. */
  rollBack(author: NewAuthor, book: NewBook, error: Error): Promise<unknown>
  /** Creates the author with raw SQL and parameters. */
  raw(author: NewAuthor): Promise<unknown>
}
