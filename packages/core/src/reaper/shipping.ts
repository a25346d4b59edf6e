/** Sends a run's records to the shared ledger while it goes on, without slowing down the processes that run tests. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { clock } from '../clock/clock.ts'
import { renewEveryMs } from '../processes/silence.ts'
import { sharedLedger } from '../shared/open-shared-ledger.ts'
import { dropOld, shipRun, shipRuns } from '../shared/share-runs.ts'
import { type Shipment, shipmentOf } from '../shared/ship.ts'
import type { RunTicket } from '../tracking/run-ticket.ts'

export interface Shipping {
  /** Sends the rest. @throws DustpanError when it could not be sent */
  end(): Promise<void>
}

const everyMs = 1_000
/** For records that earlier runs could not send. */
const budgetMs = 30_000

/** Errors are ignored: the next turn tries again. */
export function startShipping({ run, settings }: RunTicket): Shipping {
  let [shipment, hasTidied, heardAt]: [Shipment | undefined, boolean, number] = [undefined, false, clock.monotonic()]
  let [turn, timer]: [Promise<void>, NodeJS.Timeout | undefined] = [Promise.resolve(), undefined]
  const isBegun = () => existsSync(join(settings.dir, 'runs', run))
  const ship = async () => {
    const ledger = await sharedLedger(settings)
    if (!ledger || !isBegun()) return
    shipment ??= shipmentOf(ledger, settings.dir, run)
    const isQuiet = (await shipment.ship()) === 0
    if (isQuiet && clock.monotonic() - heardAt < renewEveryMs) return
    if (isQuiet) await shipment.beat()
    heardAt = clock.monotonic()
  }
  const tidy = async () => {
    const ledger = await sharedLedger(settings)
    if (!ledger || hasTidied) return
    await shipRuns(settings, budgetMs)
    await dropOld(ledger)
    hasTidied = true
  }
  const later = () => {
    timer = clock.setTimeout(() => {
      turn = ship()
        .then(tidy)
        .catch(() => {})
        .finally(later)
    }, everyMs)
  }
  later()
  return {
    async end() {
      clock.clearTimeout(timer)
      await turn
      clock.clearTimeout(timer)
      if (isBegun()) await shipRun(settings, run)
    },
  }
}
