/** Cases: outlines of runs, and when runs are deleted. */
import type { RunOutline } from '@dustpan/core/ledger'
import { expect, test } from 'vitest'
import { all } from '../all.ts'
import type { LedgerCases } from '../stage.ts'

export const outlines: LedgerCases = (stage) => {
  test('lines added to a run invalidate its outline, and it is only dropped with its current line count', async () => {
    const { open, host, newRun, stateOf } = stage()
    const [here, run, ledger] = [host('here'), newRun(), open()]
    here.writer(run, 'w1')
    here.created(run, 'w1', [1])
    const shipment = here.shipment(ledger, run)
    await shipment.ship()
    await ledger.keepOutline(run, outline, 2)
    expect((await stateOf(run))?.outline).toEqual(outline)
    here.created(run, 'w1', [2])
    await shipment.ship()
    expect((await stateOf(run))?.outline).toBeUndefined()
    await ledger.drop(run, 2)
    expect(await stateOf(run)).toBeDefined()
    await ledger.drop(run, 3)
    expect(await stateOf(run)).toBeUndefined()
    expect(await all(ledger.lines(run, 'w1'))).toBe('')
  })
}

const outline: RunOutline = {
  ...{ startedAt: 1, latestAt: 2, ended: 'passed', endedInParts: false, states: { removed: 1 }, intents: 0 },
  writers: [],
}
