/** Runs the module that prepares data in a process of its own, so that this one survives to clean up. */
import { fileURLToPath } from 'node:url'
import type { PrepareContext } from '@dustpan/core'
import { onInterruption, type RunTicket } from '@dustpan/core/runner'
import type { CiPrepareOptions } from '../commands/ci.ts'
import type { Call } from '../commands.ts'
import { codeOf, startCommand } from '../exec/command.ts'
import { allEnd, killAll } from '../exec/descendants.ts'
import { environmentFor, sourceFile } from '../exec/ticket.ts'
import type { Prepared } from './prepared.ts'

/** How long processes that the module started may outlive it. */
const patienceMs = 30_000

/** Resolves to what the module returned, or why it failed, once all its processes have ended. Never rejects. */
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
    // Its output goes to standard error: standard output is for the variables that are passed on.
    { stdio: ['ignore', 2, 2, 'ipc'], onMessage: (message) => (prepared = message as Prepared) },
  )
  using interruptions = onInterruption((count, signal) => {
    if (count > 1) return killAll(ticket)
    command.interrupt(signal, grace)
    terminal.writeError('\ndustpan: interrupted. Removing what was created.\n')
  })
  const ended = await command.ended
  const stillRuns = !(await allEnd(ticket, interruptions.count > 0 ? grace : Math.max(grace, patienceMs)))
  if (stillRuns) {
    killAll(ticket)
    await allEnd(ticket, grace)
  }
  if (interruptions.count > 0) return { failed: 'it was interrupted' }
  if (prepared.failed !== undefined) return prepared
  if (stillRuns) return { failed: 'processes that it started were still running' }
  return prepared.returned === undefined
    ? { failed: `its process exited with ${codeOf(ended)} before it was done` }
    : prepared
}
