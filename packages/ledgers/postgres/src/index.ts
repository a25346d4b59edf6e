export { createLedger } from './ledger.ts'
export { type PostgresLedgerOptions, postgresLedger } from './options.ts'
