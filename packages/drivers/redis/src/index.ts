export { capture } from './capture.ts'
export { createDriver } from './driver.ts'
export { type KindPatterns, type RedisOptions, redis } from './options.ts'
