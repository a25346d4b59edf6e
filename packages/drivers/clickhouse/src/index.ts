/** Dustpan's driver for ClickHouse: tracks the rows that `@clickhouse/client` inserts, and removes them. */
export { capture } from './capture.ts'
export { createDriver } from './driver.ts'
export { type ClickHouseOptions, clickhouse, type Deletion, type SoftDeleteColumns } from './options.ts'
