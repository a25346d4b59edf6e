/** Dustpan's driver for ClickHouse: sees what `@clickhouse/client` inserts, and removes it. */
export { capture } from './capture.ts'
export { createDriver } from './driver.ts'
export { type ClickHouseOptions, clickhouse, type Deletion, type SoftDeleteColumns } from './options.ts'
