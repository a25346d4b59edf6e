/** What can be told of the shared ledger from this machine. */
import { clock } from '../clock/clock.ts'
import type { Settings } from '../config/settings.ts'
import type { DustpanError } from '../errors/dustpan-error.ts'
import { isGoingOn } from '../ledger/liveness.ts'
import { outlineOf } from '../ledger/outline.ts'
import { listRuns } from '../ledger/read.ts'
import type { RunId } from '../resource/resource.ts'
import { sharedLedger } from './open-shared-ledger.ts'
import { isSent } from './sent-note.ts'
import type { SharedLedger } from './shared-ledger.ts'

export interface LedgerCondition {
  /** By how much its server's clock is ahead of this machine's; undefined as long as it has no run. */
  readonly aheadMs: number | undefined
  /** Runs that are over here, and not wholly there; newest first. */
  readonly unsent: readonly RunId[]
  /** What it may lose, though it works. */
  readonly doubt: DustpanError | undefined
}

/** Undefined: there is none. It makes its tables where it has none yet. @throws DustpanError `DUSTPAN_LEDGER_AWAY`, `DUSTPAN_LEDGER_NOT_READY` */
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

/** Between the question and the answer. */
async function aheadOf(ledger: SharedLedger): Promise<number | undefined> {
  const asked = clock.now()
  const [run] = await ledger.runs()
  const here = (asked + clock.now()) / 2
  const there = run && Date.parse(run.heard) + run.silentForMs
  return there === undefined || Number.isNaN(there) ? undefined : Math.round(there - here)
}

/** What goes on is sent as it goes. */
const unsentRuns = ({ dir }: Settings, identity: string): readonly RunId[] =>
  listRuns(dir).flatMap(({ id }) => (isSent(dir, id, identity) || isGoingOn(outlineOf(dir, id)) ? [] : [id]))
