import { driverSuite } from '../../src/drivers/index.ts'
import { mysqlServer } from './mysql.ts'

driverSuite(mysqlServer)
