import { driverSuite } from '../../src/drivers/index.ts'
import { nodeRedis, nodeRedisCluster, redis, redisCluster, valkey } from './redis.ts'

driverSuite(redis)
driverSuite(nodeRedis)
driverSuite(redisCluster)
driverSuite(nodeRedisCluster)
driverSuite(valkey)
