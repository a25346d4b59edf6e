export { createLedger } from './ledger.ts'
export { type RedisLedgerOptions, redisLedger } from './options.ts'
