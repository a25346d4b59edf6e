import { driverSuite } from '../../src/drivers/index.ts'
import { betterSqlite, sqlite } from './sqlite.ts'

driverSuite(sqlite)
driverSuite(betterSqlite)
