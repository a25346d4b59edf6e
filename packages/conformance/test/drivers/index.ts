/** Every store that is tested by the driver conformance suite. */
import type { DriverSubject } from '../../src/drivers/index.ts'
import { chdb, clickhouse } from './clickhouse.ts'
import { kafka } from './kafka.ts'
import { mongodb } from './mongodb.ts'
import { mariadb, mysqlServer } from './mysql.ts'
import { postgres } from './postgres.ts'
import { nodeRedis, nodeRedisCluster, redis, redisCluster, valkey } from './redis.ts'
import { betterSqlite, sqlite } from './sqlite.ts'

export const subjects: readonly DriverSubject[] = [
  postgres,
  mariadb,
  mysqlServer,
  sqlite,
  betterSqlite,
  mongodb,
  redis,
  nodeRedis,
  redisCluster,
  nodeRedisCluster,
  valkey,
  clickhouse,
  chdb,
  kafka,
]
