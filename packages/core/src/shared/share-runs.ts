/** Synchronises this machine's ledger with the shared one: sends what is missing there, and copies what is missing here. */
import { clock } from '../clock/clock.ts'
import type { Settings } from '../config/settings.ts'
import { listRuns } from '../journal/read.ts'
import { isSettled, outlineOf } from '../ledger/outline.ts'
import type { RunId } from '../resource/resource.ts'
import { bringIn, type IsWanted } from './bring-in.ts'
import { sharedLedger } from './open-shared-ledger.ts'
import { isSent } from './sent-note.ts'
import type { SharedLedger, SharedRunState } from './shared-ledger.ts'
import { shipmentOf } from './ship.ts'

/** Runs that have, or may have, something left to remove, and the 20 newest. */
export const isCurrent: IsWanted = ({ outline }, index) => !isSettled(outline) || index < 20

/** @throws DustpanError `DUSTPAN_LEDGER_AWAY` and other errors of the shared ledger. Does nothing if there is none. */
export async function bringInRuns(settings: Settings, isWanted: IsWanted = isCurrent): Promise<void> {
  const ledger = await sharedLedger(settings)
  if (ledger) await bringIn(ledger, settings.dir, isWanted)
}

/** Sends runs that were not sent yet, newest first, for about `budgetMs`. @throws like {@link bringInRuns} */
export async function shipRuns(settings: Settings, budgetMs: number): Promise<void> {
  const ledger = await sharedLedger(settings)
  if (!ledger) return
  const [deadline, identity] = [clock.monotonic() + budgetMs, await ledger.identity()]
  for (const { id } of listRuns(settings.dir)) {
    if (clock.monotonic() > deadline) return
    if (!isSent(settings.dir, id, identity)) await shipRun(settings, id)
  }
}

/** Sends all of one run, and its outline, so that other machines need not copy it if nothing is left of it. @throws like {@link bringInRuns} */
export async function shipRun(settings: Settings, run: RunId): Promise<void> {
  const ledger = await sharedLedger(settings)
  if (!ledger) return
  await shipmentOf(ledger, settings.dir, run).conclude()
  await sendOutline(ledger, settings, run)
}

async function sendOutline(ledger: SharedLedger, { dir }: Settings, run: RunId): Promise<void> {
  const [state] = await bringIn(ledger, dir, run)
  if (state) await ledger.keepOutline(run, outlineOf(dir, run), changesOf(state))
}

const changesOf = ({ writers }: SharedRunState): number =>
  [...writers.values()].reduce((sum, { changes }) => sum + changes, 0)

/** Drops runs that have nothing left and have been silent for longer than `keepMs`. @throws like {@link bringInRuns} */
export async function dropOld(ledger: SharedLedger): Promise<void> {
  for (const state of await ledger.runs()) {
    if (!isSettled(state.outline) || state.silentForMs < ledger.keepMs) continue
    await ledger.drop(state.run, changesOf(state))
  }
}
