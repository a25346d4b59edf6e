/** Dustpan's driver for MySQL and MariaDB: tracks what `mysql2` inserts, and removes it. */
export { capture } from './capture.ts'
export { createDriver } from './driver.ts'
export { type Deletion, type MysqlOptions, mysql } from './options.ts'
