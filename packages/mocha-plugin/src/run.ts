/** The run of this process: begun by Mocha's main process, joined by its parallel workers. */
import {
  announceRun,
  loadSettings,
  newTicket,
  passTicket,
  type Settings,
  sweepAtStart,
  verifyAccess,
  watchOver,
} from '@dustpan/core/begin'
import { passedTicket, processSession, type RunnerSession, type RunTicket, type Verdict } from '@dustpan/core/worker'
import { loadedMocha } from './mocha-class.ts'
import { newScopes, type Scopes } from './scopes.ts'

export interface CurrentRun {
  readonly session: RunnerSession
  readonly scopes: Scopes
  /** While global fixtures run. */
  suspension?: ReturnType<RunnerSession['suspend']>
}

interface BegunRun {
  readonly ticket: RunTicket
  readonly settings: Settings
  /** Announces that the run is over. */
  readonly announceEnd: () => Promise<void>
}

let current: CurrentRun | undefined
/** In the main process. */
let begun: BegunRun | undefined
let cachedSettings: Settings | undefined
let shared: Disposable | undefined
let ending: Promise<boolean> | undefined

export function currentRun(): CurrentRun {
  if (current === undefined) throw new Error('Mocha calls mochaHooks before anything else.')
  return current
}

/** In the main process. */
export function currentTicket(): RunTicket {
  if (begun === undefined) throw new Error('Mocha calls mochaHooks before anything else.')
  return begun.ticket
}

/** @throws DustpanError for a mistake in the configuration, or when the application refuses test runs. */
export async function beginRun(): Promise<void> {
  cachedSettings ??= await allowedSettings()
  const ticket = newTicket(cachedSettings, `mocha ${loadedMocha().version}`)
  process.env.DUSTPAN_RUN_ID = ticket.run
  watchOver(ticket)
  begun = { ticket, settings: cachedSettings, announceEnd: await announceRun(cachedSettings, ticket.run) }
  await join(ticket)
}

async function allowedSettings(): Promise<Settings> {
  const settings = await loadSettings(process.cwd())
  await verifyAccess(settings)
  await sweepAtStart(settings)
  return settings
}

/** Makes worker processes that start from now on join the run. */
export function shareRun(): void {
  if (begun) shared = passTicket(begun.ticket)
}

/** Undefined when the main process has already ended the run. */
export async function joinRun(): Promise<CurrentRun | undefined> {
  const ticket = passedTicket()
  return ticket && join(ticket)
}

async function join(ticket: RunTicket): Promise<CurrentRun> {
  const session = await processSession(ticket)
  current = { session, scopes: newScopes(session) }
  return current
}

/** Whether a failed cleanup must fail the exit code. A second call waits for the first. */
export async function endRun(verdict: Verdict, endWorkers?: () => Promise<void>): Promise<boolean> {
  if (begun === undefined) return ending ?? false
  ending = end(begun, verdict, endWorkers)
  begun = undefined
  return ending
}

/** Cleans up what is left, and prints the report. */
async function end({ ticket, settings, announceEnd }: BegunRun, verdict: Verdict, endWorkers?: () => Promise<void>) {
  shared?.[Symbol.dispose]()
  const { session, scopes } = currentRun()
  await (verdict === 'interrupted' ? session.interrupt() : scopes.closeAll())
  await endWorkers?.()
  await session[Symbol.asyncDispose]()
  const { concludeRun, runOf } = await import('@dustpan/core/runner')
  // Standard output belongs to the reporter: it may be JSON.
  const { fails } = await concludeRun(runOf(ticket, settings), verdict, (text) => process.stderr.write(`${text}\n`))
  await announceEnd()
  return fails
}
