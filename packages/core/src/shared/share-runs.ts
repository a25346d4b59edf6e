/** Between this machine's ledger and the shared one: what is missing there is sent, and what is missing here is brought in. */
import { clock } from '../clock/clock.ts'
import type { Settings } from '../config/settings.ts'
import { isSettled, outlineOf } from '../ledger/outline.ts'
import { listRuns } from '../ledger/read.ts'
import type { RunId } from '../resource/resource.ts'
import { bringIn, type IsWanted } from './bring-in.ts'
import { sharedLedger } from './open-shared-ledger.ts'
import { isSent } from './sent-note.ts'
import type { SharedLedger, SharedRunState } from './shared-ledger.ts'
import { shipmentOf } from './ship.ts'

/** Those of which something is left, or may be, and the newest. */
export const isCurrent: IsWanted = ({ outline }, index) => !isSettled(outline) || index < 20

/** @throws DustpanError `DUSTPAN_LEDGER_AWAY` and others of the shared ledger; nothing where there is none */
export async function bringInRuns(settings: Settings, isWanted: IsWanted = isCurrent): Promise<void> {
  const ledger = await sharedLedger(settings)
  if (ledger) await bringIn(ledger, settings.dir, isWanted)
}

/** What this machine has not sent yet, newest first, for about so long. @throws as {@link bringInRuns} does */
export async function shipRuns(settings: Settings, budgetMs: number): Promise<void> {
  const ledger = await sharedLedger(settings)
  if (!ledger) return
  const [deadline, identity] = [clock.monotonic() + budgetMs, await ledger.identity()]
  for (const { id } of listRuns(settings.dir)) {
    if (clock.monotonic() > deadline) return
    if (!isSent(settings.dir, id, identity)) await shipRun(settings, id)
  }
}

/** All of one run, with what it comes to, so that others need not bring it in where nothing is left. @throws as {@link bringInRuns} does */
export async function shipRun(settings: Settings, run: RunId): Promise<void> {
  const ledger = await sharedLedger(settings)
  if (!ledger) return
  await shipmentOf(ledger, settings.dir, run).conclude()
  await tellOutline(ledger, settings, run)
}

async function tellOutline(ledger: SharedLedger, { dir }: Settings, run: RunId): Promise<void> {
  const [state] = await bringIn(ledger, dir, run)
  if (state) await ledger.keepOutline(run, outlineOf(dir, run), changesOf(state))
}

const changesOf = ({ writers }: SharedRunState): number =>
  [...writers.values()].reduce((sum, { changes }) => sum + changes, 0)

/** Runs of which nothing is left, and that nobody has heard of for long. @throws as {@link bringInRuns} does */
export async function dropOld(ledger: SharedLedger): Promise<void> {
  for (const state of await ledger.runs()) {
    if (!isSettled(state.outline) || state.silentForMs < ledger.keepMs) continue
    await ledger.drop(state.run, changesOf(state))
  }
}
