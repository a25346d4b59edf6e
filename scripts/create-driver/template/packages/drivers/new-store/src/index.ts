/** Dustpan's driver for NewStore: captures what `new-store` creates, and removes it. */
export { capture } from './capture.ts'
export { createDriver } from './driver.ts'
export { type NewStoreOptions, newStore } from './options.ts'
