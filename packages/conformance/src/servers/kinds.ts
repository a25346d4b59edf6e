import { chdb } from './chdb.ts'
import { clickhouse } from './clickhouse.ts'
import { kafka } from './kafka.ts'
import { mariadb } from './mariadb.ts'
import { mongodb } from './mongodb.ts'
import { mysql } from './mysql.ts'
import { postgres } from './postgres.ts'
import { redis, valkey } from './redis.ts'
import type { Kind, Missing, Server, Wanted } from './server.ts'

/** Each kind in a file of its own, all in the same shape. */
export interface ServerKind {
  /** One that runs already, and is never stopped. */
  connect(url: string): Promise<Server>
  /** One for the caller alone, or why there is none. */
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
