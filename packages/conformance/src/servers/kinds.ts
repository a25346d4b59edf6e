import { chdb } from './chdb.ts'
import { clickhouse } from './clickhouse.ts'
import { kafka } from './kafka.ts'
import { mariadb } from './mariadb.ts'
import { mongodb } from './mongodb.ts'
import { mysql } from './mysql.ts'
import { postgres } from './postgres.ts'
import { redis, valkey } from './redis.ts'
import type { Kind, Missing, Server, Wanted } from './server.ts'

/** The kinds of servers, each in a file of its own with the same interface. */
export interface ServerKind {
  /** Connects to a running server, which is never stopped. */
  connect(url: string): Promise<Server>
  /** Starts one for the caller alone, or returns why there is none. */
  start(wanted: Wanted): Promise<Server | Missing>
}

export const kinds: Readonly<Record<Kind, ServerKind>> = {
  postgres,
  mariadb,
  mysql,
  mongodb,
  redis,
  valkey,
  clickhouse,
  chdb,
  kafka,
}

export const kindNames = Object.keys(kinds) as Kind[]
