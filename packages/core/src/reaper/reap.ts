/** Cleans up a run whose main process is dead: once its workers are dead too, removes or keeps what it left, according to policy. */
import { clock } from '../clock/clock.ts'
import { isDustpanError } from '../errors/dustpan-error.ts'
import type { WriterIdentity } from '../journal/events.ts'
import { readRunIfThere } from '../journal/read.ts'
import { foldRun } from '../ledger/fold.ts'
import type { FoldedRun } from '../ledger/folded-run.ts'
import { isGoingOn } from '../ledger/liveness.ts'
import { isCertainlyDead, isObservable } from '../processes/process-identity.ts'
import { openLedgerRun } from '../recovery/ledger-run.ts'
import { lateIn, leftIn } from '../recovery/leftovers.ts'
import { recover } from '../recovery/recover-run.ts'
import type { RunTicket } from '../tracking/run-ticket.ts'
import { processesOf } from './processes-of.ts'

/** How long to wait for workers before the resources of those already dead are removed. */
const graceMs = 5_000
const longestWaitMs = 10 * 60_000
/** Pauses between attempts to remove what is left. */
const pausesMs = [1_000, 2_000, 4_000, 8_000, 16_000, 30_000]
const lookMs = 100
const lateLookMs = 1_000

const by = 'dustpan reaper'

/** Ends when nothing is left, after the last attempt, or if the workers stay alive. */
export async function reap(ticket: RunTicket): Promise<void> {
  if (!(await workersDead(ticket))) return
  await tryUntilDone(ticket)
}

/** For a killed main process: also handles workers that had recorded nothing when it died. */
export async function reapAll(ticket: RunTicket): Promise<void> {
  if (!(await workersDead(ticket))) return
  const before = deadIn(foldedNow(ticket))
  await tryUntilDone(ticket, hasLiveWorkers)
  if (await waitForLateWorkers(ticket, before)) await tryUntilDone(ticket, hasLiveWorkers)
}

/** For an interrupted run that ended normally: removes what its tests created until their process ended. */
export async function reapLate(ticket: RunTicket): Promise<void> {
  if (!(await workersDead(ticket))) return
  const run = foldedNow(ticket)
  if (lateIn(run).length + run.intents.size > 0) await tryUntilDone(ticket, hasLiveWorkers)
}

/** `isBusy`: whether the run must not be cleaned now. */
async function tryUntilDone(ticket: RunTicket, isBusy: (run: FoldedRun) => boolean = () => false): Promise<void> {
  for (const pauseMs of [0, ...pausesMs]) {
    await clock.sleep(pauseMs)
    if (!isBusy(foldedNow(ticket)) && (await isDone(ticket))) return
  }
}

/** A worker that starts late still has tests to run. */
const hasLiveWorkers = ({ writers }: FoldedRun): boolean =>
  writers.some((one) => runsTests(one) && isObservable(one) && !isCertainlyDead(one))

/**
 * Waits for surviving processes of the run, and sweeps after those that begin to record. Returns whether there were any that are dead by now.
 * A dying process loses its environment a while before it is dead.
 */
async function waitForLateWorkers(ticket: RunTicket, before: ReadonlySet<string>): Promise<boolean> {
  const since = clock.monotonic()
  let swept = before
  while (processesOf(ticket.run).length > 0 || hasLiveWorkers(foldedNow(ticket))) {
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

/** The dead processes that ran tests, by writer. */
const deadIn = ({ writers }: FoldedRun): ReadonlySet<string> =>
  new Set(writers.filter((one) => runsTests(one) && isCertainlyDead(one)).map(({ writer }) => writer))

const runsTests = ({ role }: WriterIdentity): boolean => role === 'main' || role === 'worker'

/** Sweeps the tests of dead processes while others of the run are alive. */
async function sweepOf(
  { run, settings }: Pick<RunTicket, 'run' | 'settings'>,
  dead: ReadonlySet<string>,
): Promise<void> {
  await using open = await openLedgerRun(settings, { run, runner: by }, 'reaper')
  await open?.sweepOf(dead)
}

/** Whether another attempt could neither remove nor find anything. */
async function isDone({ run, settings }: RunTicket): Promise<boolean> {
  await using open = await openLedgerRun(settings, { run, runner: by }, 'reaper')
  if (!open) return true
  try {
    await recover(open, settings)
  } catch (error) {
    // A cleanup from the command line is under way.
    if (!isDustpanError(error) || error.code !== 'DUSTPAN_RUN_LOCKED') throw error
    return false
  }
  const after = open.folded()
  return leftIn(after).length === 0 && after.intents.size === 0
}
