export { capture } from './capture/capture.ts'
export { createDriver } from './driver.ts'
export type { ClientName, Deletion, SoftDeleteColumns, SqliteOptions } from './options.ts'
export { sqlite } from './sqlite.ts'
