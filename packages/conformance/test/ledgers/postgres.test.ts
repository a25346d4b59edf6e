import { ledgerSuite } from '../../src/ledgers/index.ts'
import { postgres } from './postgres.ts'

ledgerSuite(postgres)
