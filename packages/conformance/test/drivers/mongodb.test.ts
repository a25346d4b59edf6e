import { driverSuite } from '../../src/drivers/index.ts'
import { mongodb } from './mongodb.ts'

driverSuite(mongodb)
