import { driverSuite } from '../../src/drivers/index.ts'
import { mariadb } from './mysql.ts'

driverSuite(mariadb)
