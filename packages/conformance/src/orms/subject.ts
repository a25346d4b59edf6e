/** What an ORM's author gives to the suite: how one does the same few things with it. */

export interface Orm {
  /** As npm knows it: `drizzle-orm`. */
  readonly name: string
  readonly version: string
  readonly connections: readonly Connection[]
}

/** An ORM on a database, through a client library. */
export interface Connection {
  readonly database: DatabaseName
  /** The client library: `pg`. */
  readonly through: string
  /** Why Dustpan sees nothing of it: such a connection is only told of. */
  readonly excuse?: string
  /** Why it cannot be tried on this machine. */
  readonly missing?: string | undefined
  /** What is made once, before anything is opened (generated code, say); its folder comes to {@link open}. */
  prepare?(): Promise<Prepared>
  /** Loads the ORM, and so the client library, only now: Dustpan is there already. */
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

/** Each gives what the ORM answers. */
export interface OrmClient extends AsyncDisposable {
  create(author: NewAuthor): Promise<unknown>
  /** An author, his books, their tags, in as few calls as the ORM allows. */
  createNested(author: NewAuthor, books: readonly NewBook[]): Promise<unknown>
  createMany(authors: readonly NewAuthor[]): Promise<unknown>
  /** Creates the author, or gives the one with that email the name. */
  upsert(author: NewAuthor): Promise<unknown>
  /** In a transaction: creates the author with the book, then throws what is given. Rejects with what the ORM makes of it. */
  rollBack(author: NewAuthor, book: NewBook, error: Error): Promise<unknown>
  /** The author, with SQL of one's own and parameters. */
  raw(author: NewAuthor): Promise<unknown>
}
