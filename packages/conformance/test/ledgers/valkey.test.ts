import { ledgerSuite } from '../../src/ledgers/index.ts'
import { valkey } from './redis.ts'

ledgerSuite(valkey)
