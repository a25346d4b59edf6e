import { driverSuite } from '../../src/drivers/index.ts'
import { kafka } from './kafka.ts'

driverSuite(kafka)
