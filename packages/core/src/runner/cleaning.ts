/** What only a scope that has created something needs. Loaded when the first of them ends: most of a worker's start is loading modules. */
export { clean } from '../cleanup/clean.ts'
export { describeRemoval } from '../cleanup/describe.ts'
export { follow } from '../cleanup/follow.ts'
export { scopeReport } from './scope-report.ts'
