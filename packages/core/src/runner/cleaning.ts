/** Modules that only a scope with resources needs. Loaded when the first such scope ends: loading modules is most of a worker's start-up time. */
export { clean } from '../cleanup/clean.ts'
export { describeRemoval } from '../cleanup/describe.ts'
export { follow } from '../cleanup/follow.ts'
export { scopeReport } from './scope-report.ts'
