/** For those who adapt a test runner: what its main process needs. Processes that run tests load `@dustpan/core/worker`. */
export type { Settings } from './config/settings.ts'
export { isDustpanError } from './errors/dustpan-error.ts'
export type { CleanupReport, ReportedResource, ReportedScope } from './report/model.ts'
export type { Verdict } from './resource/resource.ts'
export { type Conclusion, concludeRun } from './runner/conclude.ts'
export { beginRun, type MainRun, prepareSettings } from './runner/run.ts'
export type { RunTicket } from './runner/session.ts'
export { passTicket } from './runner/ticket.ts'
