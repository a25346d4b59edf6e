/** Checks the shared ledger from this machine. */
import { clock } from '../clock/clock.ts'
import type { Settings } from '../config/settings.ts'
import type { DustpanError } from '../errors/dustpan-error.ts'
import { listRuns } from '../journal/read.ts'
import { isGoingOn } from '../ledger/liveness.ts'
import { outlineOf } from '../ledger/outline.ts'
import type { RunId } from '../resource/resource.ts'
import { sharedLedger } from './open-shared-ledger.ts'
import { isSent } from './sent-note.ts'
import type { SharedLedger } from './shared-ledger.ts'

export interface LedgerCondition {
  /** How far its server's clock is ahead of this machine's; undefined if it has no run yet. */
  readonly aheadMs: number | undefined
  /** Runs that are over on this machine but not completely sent; newest first. */
  readonly unsent: readonly RunId[]
  /** A reason why it may lose data although it works. */
  readonly doubt: DustpanError | undefined
}

/**
 * Undefined if there is no shared ledger. Creates its tables if they are missing.
 * @throws DustpanError `DUSTPAN_LEDGER_AWAY`, `DUSTPAN_LEDGER_NOT_READY`
 */
export async function examineLedger(settings: Settings): Promise<LedgerCondition | undefined> {
  const ledger = await sharedLedger(settings)
  if (!ledger) return undefined
  const identity = await ledger.identity()
  return {
    aheadMs: await aheadOf(ledger),
    unsent: unsentRuns(settings, identity),
    doubt: await ledger.doubt?.(),
  }
}

/** Compares with this machine's time halfway between question and answer. */
async function aheadOf(ledger: SharedLedger): Promise<number | undefined> {
  const before = clock.now()
  const [run] = await ledger.runs()
  const here = (before + clock.now()) / 2
  const there = run && Date.parse(run.heard) + run.silentForMs
  return there === undefined || Number.isNaN(there) ? undefined : Math.round(there - here)
}

/** Excludes runs that are still going on: those are sent as they go. */
const unsentRuns = ({ dir }: Settings, identity: string): readonly RunId[] =>
  listRuns(dir).flatMap(({ id }) => (isSent(dir, id, identity) || isGoingOn(outlineOf(dir, id)) ? [] : [id]))
