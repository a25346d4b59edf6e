/** A real server for tests: one that the environment names, else one of this machine's programs, started for the caller. */
import { kinds } from './kinds.ts'
import { missingFrom, namedBy } from './named.ts'
import { note } from './used.ts'

export type Kind = 'postgres' | 'mariadb' | 'mysql' | 'mongodb' | 'redis' | 'valkey' | 'clickhouse' | 'chdb' | 'kafka'

export interface Server extends AsyncDisposable {
  readonly kind: Kind
  /** As its makers call it, with the version: `MariaDB 10.11.19`. */
  readonly product: string
  readonly version: string
  /** Of one who may do everything. Kafka: `kafka://host:port`. */
  readonly url: string
  readonly port: number
  /**
   * Makes an empty database and gives its URL; what is left of it is removed with the server.
   * Redis gives a number (`redis://…/3`), or with a cluster everything; Kafka a prefix for topics (`kafka://…/test_1f3a`).
   * `script` is run in it, where the store has SQL.
   */
  database(script?: string): Promise<string>
  /** Gives the URL of a user who may only read what is in that database. Absent where the store has no such users. */
  readOnly?(database: string): Promise<string>
  /** Until `start()`, at the same port, with the same data. Only of a server of one's own. */
  stop(how?: { abruptly: boolean }): Promise<void>
  start(): Promise<void>
}

export interface Missing {
  /** Why there is none, in half a sentence. */
  readonly missing: string
}

export interface Wanted {
  /** Never one that others use too: to stop it, to fill it, or to have a second one. @default false */
  readonly own?: boolean
  /** Redis and Valkey: three nodes. Implies `own`. @default false */
  readonly cluster?: boolean
  /** PostgreSQL: with `fsync`, as a server is by default. Implies `own`. @default false */
  readonly durable?: boolean
  /** More arguments for the program. Implies `own`. @default [] */
  readonly flags?: readonly string[]
}

export async function server(kind: Kind, wanted: Wanted = {}): Promise<Server | Missing> {
  const found = await find(kind, wanted)
  await note(kind, found)
  return found
}

/** As `server()`, for who cannot go on without one. */
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
