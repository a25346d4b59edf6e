import { ledgerSuite } from '../../src/ledgers/index.ts'
import { redis } from './redis.ts'

ledgerSuite(redis)
