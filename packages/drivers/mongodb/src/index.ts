export { capture } from './capture.ts'
export { createDriver } from './driver.ts'
export { type Deletion, type MarkOptions, type MongodbOptions, mongodb, type SoftDeleteFields } from './options.ts'
