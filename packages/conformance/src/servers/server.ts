/** Real servers for tests: one named in the environment, else a program on this machine, started for the caller. */
import { kinds } from './kinds.ts'
import { missingFrom, namedBy } from './named.ts'
import { note } from './used.ts'

export type Kind = 'postgres' | 'mariadb' | 'mysql' | 'mongodb' | 'redis' | 'valkey' | 'clickhouse' | 'chdb' | 'kafka'

export interface Server extends AsyncDisposable {
  readonly kind: Kind
  /** The product's name and version: `MariaDB 10.11.19`. */
  readonly product: string
  readonly version: string
  /** The URL of a user with all rights. Kafka: `kafka://host:port`. */
  readonly url: string
  readonly port: number
  /**
   * Creates an empty database and resolves to its URL; it is removed with the server. For Redis this is a number
   * (`redis://…/3`), for a Redis cluster all of it, for Kafka a prefix of topics (`kafka://…/test_1f3a`). `script` is run in
   * it, if the store has SQL.
   */
  database(script?: string): Promise<string>
  /** Resolves to the URL of a user who may only read that database. Absent if the store has no such users. */
  readOnly?(database: string): Promise<string>
  /** Stops the server until `start()`, which uses the same port and data. Only for the caller's own server. */
  stop(how?: { abruptly: boolean }): Promise<void>
  start(): Promise<void>
}

export interface Missing {
  /** Why there is no server, in half a sentence. */
  readonly missing: string
}

export interface Wanted {
  /** A server for the caller alone: to stop it, to fill it, or to have a second one. @default false */
  readonly own?: boolean
  /** Redis and Valkey: three nodes. Implies `own`. @default false */
  readonly cluster?: boolean
  /** PostgreSQL: with `fsync`, as servers have by default. Implies `own`. @default false */
  readonly durable?: boolean
  /** Additional arguments of the program. Implies `own`. @default [] */
  readonly flags?: readonly string[]
}

export async function server(kind: Kind, wanted: Wanted = {}): Promise<Server | Missing> {
  const found = await find(kind, wanted)
  await note(kind, found)
  return found
}

/** Like `server()`, but throws when there is none. */
export async function requireServer(kind: Kind, wanted: Wanted = {}): Promise<Server> {
  const found = await server(kind, wanted)
  if ('missing' in found) throw new Error(`${kind} is needed: ${found.missing}`)
  return found
}

async function find(kind: Kind, wanted: Wanted): Promise<Server | Missing> {
  const alone = Boolean(wanted.own || wanted.cluster || wanted.durable || wanted.flags?.length)
  const { connect, start } = kinds[kind]
  if (missingFrom(kind)) return { missing: `${missingFrom(kind)} is set to nothing` }
  const named = alone ? undefined : namedBy(kind)
  return named === undefined ? start(wanted) : connect(named)
}
