/** After a run whose main process is dead: once its workers are dead too, what it left is removed, or kept, as the policy says. */
import { clock } from '../clock/clock.ts'
import { isDustpanError } from '../errors/dustpan-error.ts'
import type { WriterIdentity } from '../ledger/events.ts'
import { foldRun } from '../ledger/fold.ts'
import type { FoldedRun } from '../ledger/folded-run.ts'
import { isGoingOn } from '../ledger/liveness.ts'
import { isCertainlyDead, isObservable } from '../ledger/process-identity.ts'
import { readRunIfThere } from '../ledger/read.ts'
import { openLedgerRun } from '../recovery/ledger-run.ts'
import { lateIn, leftIn } from '../recovery/leftovers.ts'
import { recover } from '../recovery/recover-run.ts'
import type { RunTicket } from '../tracking/run-ticket.ts'
import { processesOf } from './processes-of.ts'

/** Workers that outlive the main process are waited for; what dead ones left is not. */
const graceMs = 5_000
const longestWaitMs = 10 * 60_000
/** Pauses before what could not be removed is tried again. */
const pausesMs = [1_000, 2_000, 4_000, 8_000, 16_000, 30_000]
const lookMs = 100
const lateLookMs = 1_000

const by = 'dustpan reaper'

/** Never outlives its work: ends when nothing is left, when it has been tried often enough, or when the workers live on. */
export async function reap(ticket: RunTicket): Promise<void> {
  if (!(await workersDead(ticket))) return
  await tryUntilDone(ticket)
}

/** After the run of a main process that was killed: also what workers create that had recorded nothing when it died. */
export async function reapAll(ticket: RunTicket): Promise<void> {
  if (!(await workersDead(ticket))) return
  const before = deadIn(foldedNow(ticket))
  await tryUntilDone(ticket, livesOn)
  if (await areLateOnes(ticket, before)) await tryUntilDone(ticket, livesOn)
}

/** After a run that was interrupted, and ended in order: what its tests created until their process was gone. */
export async function reapLate(ticket: RunTicket): Promise<void> {
  if (!(await workersDead(ticket))) return
  const run = foldedNow(ticket)
  if (lateIn(run).length + run.intents.size > 0) await tryUntilDone(ticket, livesOn)
}

/** `isBusy`: nothing is to be taken from the run now. */
async function tryUntilDone(ticket: RunTicket, isBusy: (run: FoldedRun) => boolean = () => false): Promise<void> {
  for (const pauseMs of [0, ...pausesMs]) {
    await clock.sleep(pauseMs)
    if (!isBusy(foldedNow(ticket)) && (await isDone(ticket))) return
  }
}

/** A late worker has tests to run. */
const livesOn = ({ writers }: FoldedRun): boolean =>
  writers.some((one) => runsTests(one) && isObservable(one) && !isCertainlyDead(one))

/**
 * Waits for processes of the run that live on, and sweeps after those that begin to record. Whether there were any, all dead by now. One
 * that is dying has no environment any more, a while before it is dead.
 */
async function areLateOnes(ticket: RunTicket, before: ReadonlySet<string>): Promise<boolean> {
  const since = clock.monotonic()
  let swept = before
  while (processesOf(ticket.run).length > 0 || livesOn(foldedNow(ticket))) {
    if (clock.monotonic() - since > longestWaitMs) return false
    await clock.sleep(lateLookMs)
    const dead = deadIn(foldedNow(ticket))
    if (dead.size > swept.size) await sweepOf(ticket, dead.difference(swept))
    swept = dead
  }
  return deadIn(foldedNow(ticket)).size > before.size
}

const foldedNow = ({ run, settings }: RunTicket): FoldedRun => foldRun(run, readRunIfThere(settings.dir, run) ?? [])

async function workersDead(ticket: RunTicket): Promise<boolean> {
  const since = clock.monotonic()
  let swept = 0
  for (;;) {
    const folded = foldedNow(ticket)
    if (!isGoingOn(folded)) return true
    const waited = clock.monotonic() - since
    if (waited > longestWaitMs) return false
    const dead = deadIn(folded)
    if (waited > graceMs && dead.size > swept) {
      await sweepOf(ticket, dead)
      swept = dead.size
    }
    await clock.sleep(lookMs)
  }
}

/** Those that run tests, by their names. */
const deadIn = ({ writers }: FoldedRun): ReadonlySet<string> =>
  new Set(writers.filter((one) => runsTests(one) && isCertainlyDead(one)).map(({ writer }) => writer))

const runsTests = ({ role }: WriterIdentity): boolean => role === 'main' || role === 'worker'

/** What belongs to tests of processes that are dead, though others of the run live. */
async function sweepOf(
  { run, settings }: Pick<RunTicket, 'run' | 'settings'>,
  dead: ReadonlySet<string>,
): Promise<void> {
  await using open = await openLedgerRun(settings, { run, runner: by }, 'reaper')
  await open?.sweepOf(dead)
}

/** Whether nothing is left that another try could remove, or find. */
async function isDone({ run, settings }: RunTicket): Promise<boolean> {
  await using open = await openLedgerRun(settings, { run, runner: by }, 'reaper')
  if (!open) return true
  try {
    await recover(open, settings)
  } catch (error) {
    // Somebody cleans it from the command line.
    if (!isDustpanError(error) || error.code !== 'DUSTPAN_RUN_LOCKED') throw error
    return false
  }
  const after = open.folded()
  return leftIn(after).length === 0 && after.intents.size === 0
}
