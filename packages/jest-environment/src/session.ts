/** The session of this process: a worker's, or the main process's when it runs tests in band. */
import type { Code } from '@dustpan/core'
import { passedTicket, processSession, type RunnerSession } from '@dustpan/core/worker'
import { drainOnInterrupt } from './drain.ts'

const noReporter: Code = 'DUSTPAN_NO_REPORTER'
let hasWarned = false

/** Undefined when nothing can be tracked: then it warns once, with the reason. */
export async function openSession(): Promise<RunnerSession | undefined> {
  const ticket = passedTicket()
  if (!ticket) {
    if (process.env.DUSTPAN_DISABLED === '1') return undefined
    warn(
      `${noReporter}: nothing is tracked, as Dustpan's reporter has no part in this run. Add it to Jest's configuration: ` +
        `reporters: ['default', '@dustpan/jest-environment/reporter']. The option --reporters takes the place of that list.`,
    )
    return undefined
  }
  try {
    // Node's loader loads Node's own modules and those of environments, but not those of tests.
    const session = await processSession(ticket, { moduleHooks: true })
    drainOnInterrupt(ticket, session)
    return session
  } catch (error) {
    const { code, message } = error as { code?: string; message?: string }
    warn(`${code}: nothing is tracked. ${message}`)
    return undefined
  }
}

/** Printed by the first worker only, which always gets a file to run. */
function warn(text: string): void {
  if (!hasWarned && process.env.JEST_WORKER_ID === '1') process.stderr.write(`dustpan: ${text}\n`)
  hasWarned = true
}
