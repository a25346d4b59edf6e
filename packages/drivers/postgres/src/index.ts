/** Dustpan's PostgreSQL driver: tracks the rows that `pg` and postgres.js insert, and removes them. */
export { capture } from './capture.ts'
export { createDriver } from './driver.ts'
export { type Deletion, type PostgresOptions, postgres } from './options.ts'
export { inTransaction, type TestTransaction } from './transaction/in-transaction.ts'
