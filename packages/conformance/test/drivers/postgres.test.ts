import { driverSuite } from '../../src/drivers/index.ts'
import { postgres } from './postgres.ts'

driverSuite(postgres)
