/** The session of this process: a worker's, or the main process's when it runs tests in band. */
import type { Code } from '@dustpan/core'
import { passedTicket, processSession, type RunnerSession } from '@dustpan/core/worker'
import { drainOnInterrupt } from './drain.ts'

const missing: Code = 'DUSTPAN_NO_REPORTER'
let told = false

/** Undefined when nothing can be tracked: then why is told, once. */
export async function openSession(): Promise<RunnerSession | undefined> {
  const ticket = passedTicket()
  if (!ticket) {
    if (process.env.DUSTPAN_DISABLED === '1') return undefined
    tell(
      `${missing}: nothing is tracked, as Dustpan's reporter has no part in this run. Add it to Jest's configuration: ` +
        `reporters: ['default', '@dustpan/jest-environment/reporter']. The option --reporters takes the place of that list.`,
    )
    return undefined
  }
  try {
    // Node's own modules, and what environments load, come by Node's loader; what tests load does not.
    const session = await processSession(ticket, { moduleHooks: true })
    drainOnInterrupt(ticket, session)
    return session
  } catch (error) {
    const { code, message } = error as { code?: string; message?: string }
    tell(`${code}: nothing is tracked. ${message}`)
    return undefined
  }
}

/** By the first worker, which always gets a file to run. */
function tell(text: string): void {
  if (!told && process.env.JEST_WORKER_ID === '1') process.stderr.write(`dustpan: ${text}\n`)
  told = true
}
