/** Dustpan's driver for PostgreSQL: sees what `pg` inserts, and removes it. */
export { capture } from './capture.ts'
export { createDriver } from './driver.ts'
export { type Deletion, type PostgresOptions, postgres } from './options.ts'
export { inTransaction, type TestTransaction } from './transaction/in-transaction.ts'
