/** For adapters of test runners that have no main process to load Dustpan in: a process that runs tests begins the run itself. */
import './errors/node-version.ts'

export { loadSettings } from './config/load.ts'
export type { Settings } from './config/settings.ts'
export { announceRun } from './runner/announce-run.ts'
export { endOnInterruption } from './runner/end-on-interruption.ts'
export { onInterruption } from './runner/interruption.ts'
export { newTicket, sharedTicket } from './runner/new-ticket.ts'
export { watchOver } from './runner/reaper.ts'
export { startupError, throwAtStart } from './runner/startup-error.ts'
export { sweepAtStart } from './runner/sweep-at-start.ts'
export { passTicket } from './runner/ticket.ts'
export { verifyAccess } from './runner/verify-access.ts'
