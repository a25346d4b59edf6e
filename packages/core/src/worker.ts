/** For those who adapt a test runner: what a process that runs tests loads, and no more. */
export type { ScopeIdentity } from './ledger/events.ts'
export { leftBehind } from './report/left-behind.ts'
export type { CleanupReport } from './report/model.ts'
export type { Verdict } from './resource/resource.ts'
export { processSession } from './runner/process-session.ts'
export { type JoinRunOptions, joinRun, type OpenScope, type RunnerSession, type RunTicket } from './runner/session.ts'
export { passedTicket } from './runner/ticket.ts'
