/** Joins or begins the run of this process. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { loadSettings, newTicket, sharedTicket, verifyAccess, watchOver } from '@dustpan/core/begin'
import { passedTicket, processSession, type RunnerSession, type RunTicket, type Verdict } from '@dustpan/core/worker'

export interface CurrentRun {
  readonly ticket: RunTicket
  readonly session: RunnerSession
  /** Never rejects. */
  end(verdict: Verdict, print: (text: string) => void): Promise<void>
}

type Ending = CurrentRun['end']

/** @throws DustpanError for a mistake in the configuration, or when the application refuses test runs. */
export async function joinRun(environment: NodeJS.ProcessEnv = process.env): Promise<CurrentRun> {
  const passed = passedTicket(environment)
  if (isOurs(passed)) return joinBy(passed, undefined, () => async () => {})
  const settings = await loadSettings(process.cwd())
  await verifyAccess(settings)
  const runner = `node:test ${process.versions.node}`
  const shared = isOneOfSeveral(environment) ? sharedTicket(settings, runner, environment) : undefined
  const ticket = shared ?? newTicket(settings, runner, environment)
  environment.DUSTPAN_RUN_ID = ticket.run
  return joinBy(
    ticket,
    () => watchOver(ticket),
    ({ endPart }) => (shared ? endPart : endRun(ticket, settings)),
  )
}

async function joinBy(
  ticket: RunTicket,
  onFirstRecord: (() => void) | undefined,
  ending: (session: RunnerSession) => Ending,
): Promise<CurrentRun> {
  const session = await processSession(ticket, onFirstRecord ? { onFirstRecord } : {})
  return { ticket, session, end: ending(session) }
}

/** Whether the ticket comes from the reporter, in the process that starts the files or, without isolation, in this one. */
function isOurs(ticket: RunTicket | undefined): ticket is RunTicket {
  return ticket?.main !== undefined && [process.ppid, process.pid].includes(ticket.main.pid)
}

/**
 * `node --test` starts a process for each file. In watch mode each is a run of its own, as Node does not report where a re-run
 * begins.
 */
function isOneOfSeveral({ NODE_TEST_CONTEXT, WATCH_REPORT_DEPENDENCIES }: NodeJS.ProcessEnv): boolean {
  return NODE_TEST_CONTEXT !== undefined && WATCH_REPORT_DEPENDENCIES === undefined
}

function endRun(ticket: RunTicket, settings: RunTicket['settings']): Ending {
  return async (verdict, print) => {
    if (!existsSync(join(settings.dir, 'runs', ticket.run))) return
    const { concludeRun, runOf } = await import('@dustpan/core/runner')
    const { fails } = await concludeRun(runOf(ticket, settings), verdict, print)
    if (fails) process.exitCode = 1
  }
}
