/** One session per process and run, however many files it runs and however many copies of the adapter are loaded. */

import type { RunTicket } from '../tracking/run-ticket.ts'
import { type JoinRunOptions, joinRun, type RunnerSession } from './session.ts'

const key = Symbol.for('dustpan/session/1')
const home = globalThis as unknown as Record<symbol, Promise<RunnerSession> | undefined>
// Not enumerable: code under test that copies the global object does not copy it.
if (!(key in home)) Object.defineProperty(home, key, { value: undefined, writable: true, configurable: true })

/** Returns the session of this process. Replaces it if it belongs to another run or is over. @throws like {@link joinRun} */
export async function processSession(ticket: RunTicket, options?: JoinRunOptions): Promise<RunnerSession> {
  const known = home[key]
  const session = await known
  if (session?.run === ticket.run && !session.isOver) return session
  if (home[key] !== known) return processSession(ticket, options)
  const joining = replace(session, ticket, options)
  home[key] = joining
  joining.catch(() => {
    if (home[key] === joining) home[key] = undefined
  })
  return joining
}

async function replace(before: RunnerSession | undefined, ticket: RunTicket, options?: JoinRunOptions) {
  if (!before?.isOver) await before?.[Symbol.asyncDispose]()
  return joinRun(ticket, options)
}
