export { capture } from './capture.ts'
export { createDriver } from './driver.ts'
export { type ClientName, type Deletion, type SoftDeleteColumns, type SqliteOptions, sqlite } from './options.ts'
export { inTransaction, type TestTransaction } from './transaction/in-transaction.ts'
