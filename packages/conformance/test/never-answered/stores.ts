/** Creates things in each store through a captured client. They have the run's id. */
import type { DatabaseSync } from 'node:sqlite'
import type { MongoClient } from 'mongodb'
import type mysql from 'mysql2'
import type pg from 'pg'

export interface CreatingStore {
  /** The folder of the driver. */
  readonly driver: string
  readonly library: string
  /** Connects, creates one recorded thing, executes `also`, and returns a function that creates two more. */
  prepare(library: unknown, url: string, also?: string): Promise<() => Promise<unknown>>
}

const first = "INSERT INTO things (name) VALUES ('first')"
const both = "INSERT INTO things (name) VALUES ('second'), ('third')"

const postgres: CreatingStore = {
  driver: 'postgres',
  library: 'pg',
  async prepare(library, url, also) {
    const client = new (library as typeof pg).Client(url)
    await client.connect()
    await client.query(first)
    if (also) await client.query(also)
    return () => client.query(both)
  },
}

const mariadb: CreatingStore = {
  driver: 'mysql',
  library: 'mysql2',
  async prepare(library, url, also) {
    const client = (library as typeof mysql).createConnection(url).promise()
    await client.query(first)
    if (also) await client.query(also)
    return () => client.query(both)
  },
}

const sqlite: CreatingStore = {
  driver: 'sqlite',
  library: 'node:sqlite',
  async prepare(library, file, also) {
    const client = new (library as { DatabaseSync: typeof DatabaseSync }).DatabaseSync(file)
    client.exec(first)
    if (also) client.exec(also)
    return async () => client.exec(both)
  },
}

const mongodb: CreatingStore = {
  driver: 'mongodb',
  library: 'mongodb',
  async prepare(library, url) {
    const client = new (library as { MongoClient: typeof MongoClient }).MongoClient(url)
    const things = client.db().collection('things')
    await things.insertOne({ name: 'first' })
    return () => things.insertMany([{ name: 'second' }, { name: 'third' }])
  },
}

export const stores = { postgres, mariadb, sqlite, mongodb } as const
export type StoreName = keyof typeof stores
