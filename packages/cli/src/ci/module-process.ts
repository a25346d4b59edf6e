/** The module that prepares data, in a process of its own: whatever it does, this one lives to clean up. */
import { fileURLToPath } from 'node:url'
import type { PrepareContext } from '@dustpan/core'
import { onInterruption, type RunTicket } from '@dustpan/core/runner'
import type { CiPrepareOptions } from '../commands/ci.ts'
import type { Call } from '../commands.ts'
import { codeOf, startCommand } from '../exec/command.ts'
import { allEnd, killAll } from '../exec/descendants.ts'
import { environmentFor, sourceFile } from '../exec/ticket.ts'
import type { Prepared } from './prepared.ts'

/** For what it has started, once it is done itself. */
const patienceMs = 30_000

/** What it returned, as JSON, or why it failed. All its processes have ended then. Never rejects. */
export async function runModule(
  file: string,
  context: PrepareContext,
  ticket: RunTicket,
  { options: { grace }, terminal }: Call<CiPrepareOptions>,
  environment: NodeJS.ProcessEnv,
): Promise<Prepared> {
  let prepared: Prepared = {}
  const program = fileURLToPath(new URL(import.meta.url.replace(/module-process(\.[jt]s)$/, 'run-module$1')))
  const command = await startCommand(
    [process.execPath, program, file, JSON.stringify(context)],
    { ...environment, ...environmentFor(ticket, environment), ...sourceFile(file) },
    // What it prints is none of what is handed on.
    { stdio: ['ignore', 2, 2, 'ipc'], told: (message) => (prepared = message as Prepared) },
  )
  using interruptions = onInterruption((count, signal) => {
    if (count > 1) return killAll(ticket)
    command.interrupt(signal, grace)
    terminal.writeError('\ndustpan: interrupted. Removing what was created.\n')
  })
  const ended = await command.ended
  const goesOn = !(await allEnd(ticket, interruptions.count > 0 ? grace : Math.max(grace, patienceMs)))
  if (goesOn) {
    killAll(ticket)
    await allEnd(ticket, grace)
  }
  if (interruptions.count > 0) return { failed: 'it was interrupted' }
  if (prepared.failed !== undefined) return prepared
  if (goesOn) return { failed: 'processes that it started were still running' }
  return prepared.returned === undefined
    ? { failed: `its process exited with ${codeOf(ended)} before it was done` }
    : prepared
}
