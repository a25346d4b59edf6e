import { createLedger } from '@dustpan/postgres-ledger'

console.log(await createLedger({ url: process.argv[2] }).identity())
