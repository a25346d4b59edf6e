/** For test-runner adapters: the minimal API for processes that run tests. */
import './errors/node-version.ts'

export type { AnswerHead, Exchange, SentRequest } from './http-answers/exchange.ts'
export type { ScopeIdentity } from './journal/events.ts'
export { leftBehind } from './report/left-behind.ts'
export type { CleanupReport } from './report/model.ts'
export type { Verdict } from './resource/resource.ts'
export { processSession } from './runner/process-session.ts'
export { type JoinRunOptions, joinRun, type OpenScope, type RunnerSession } from './runner/session.ts'
export { passedTicket } from './runner/ticket.ts'
export type { RunTicket } from './tracking/run-ticket.ts'
export type { CallSite } from './tracking/source-line.ts'
