/** Loaded into each Node process of the command, before its own code: opens one scope for everything that the process creates. */
import { relative } from 'node:path'
import { isMainThread } from 'node:worker_threads'
import { processSession } from '@dustpan/core/worker'
import { execTicket, programOf } from './ticket.ts'

const ticket = isMainThread ? execTicket() : undefined
// Node waits for this module before it loads the program.
if (ticket) {
  const session = await processSession(ticket)
  const program = programOf()
  const file = program === undefined ? {} : { file: relative(ticket.settings.root, program) }
  session.openScope(undefined, { kind: 'worker', attempt: 0, ...file }).enter()
}
