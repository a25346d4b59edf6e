/** For those who adapt a test runner without a main process to load anything: a process that runs tests and begins its run itself. */
export { loadSettings } from './config/load.ts'
export type { Settings } from './config/settings.ts'
export { newTicket, sharedTicket } from './runner/new-ticket.ts'
export { sweepAtStart } from './runner/sweep-at-start.ts'
export { passTicket } from './runner/ticket.ts'
export { verifyAccess } from './runner/verify-access.ts'
