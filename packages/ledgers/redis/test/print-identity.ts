import { createLedger } from '@dustpan/redis-ledger'

console.log(await createLedger({ url: process.argv[2] }).identity())
