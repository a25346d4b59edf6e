import { driverSuite } from '../../src/drivers/index.ts'
import { chdb, clickhouse } from './clickhouse.ts'

driverSuite(clickhouse)
driverSuite(chdb)
