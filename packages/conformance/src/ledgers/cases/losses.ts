/** Cases: the server is unreachable, or has lost data. */
import { expect, test } from 'vitest'
import type { LedgerCases } from '../stage.ts'

export const losses: LedgerCases = (stage) => {
  test('shipping rejects with DUSTPAN_LEDGER_AWAY while the server is away, and no line is lost', async () => {
    const { server, open, host, newRun } = stage()
    const [here, there, run, ledger] = [host('here'), host('there'), newRun(), open()]
    const shipment = here.shipment(ledger, run)
    here.writer(run, 'w1')
    here.created(run, 'w1', [1])
    await shipment.ship()
    await server.stop({ abruptly: true })
    here.created(run, 'w1', [2])
    await expect(shipment.ship()).rejects.toMatchObject({ code: 'DUSTPAN_LEDGER_AWAY' })
    await expect(here.shipment(open(), run).conclude()).rejects.toMatchObject({ code: 'DUSTPAN_LEDGER_AWAY' })
    here.created(run, 'w1', [3])
    await server.start()
    await shipment.conclude()
    await there.bringIn(open())
    expect(there.keys(run)).toEqual([1, 2, 3])
  })

  test('lines that the ledger has lost are sent again', async () => {
    const { place, open, host, newRun } = stage()
    const [here, there, run, ledger] = [host('here'), host('there'), newRun(), open()]
    const shipment = here.shipment(ledger, run)
    here.writer(run, 'w1')
    here.created(run, 'w1', [1])
    await shipment.conclude()
    const identity = await ledger.identity()
    await place.empty()
    expect(await ledger.identity()).not.toBe(identity)
    here.created(run, 'w1', [2])
    await shipment.conclude()
    await there.bringIn(open())
    expect(there.keys(run)).toEqual([1, 2])
  })
}
