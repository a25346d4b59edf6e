import { driverSuite } from '@dustpan/conformance/drivers'
import { newStore } from './new-store.ts'

driverSuite(newStore)
