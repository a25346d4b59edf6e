/** Cases: which lines arrive, and in which order. */
import { expect, test } from 'vitest'
import { all } from '../all.ts'
import type { LedgerCases } from '../stage.ts'

export const sending: LedgerCases = (stage) => {
  test('lines sent by one machine are read by another one, and marked as from elsewhere', async () => {
    const { open, host, newRun, stateOf } = stage()
    const [here, there, run] = [host('here'), host('there'), newRun()]
    here.writer(run, 'w1')
    here.created(run, 'w1', [1, 2, 3])
    expect(await here.shipment(open(), run).ship()).toBe(4)
    await there.bringIn(open())
    expect(there.keys(run)).toEqual([1, 2, 3])
    expect(there.folded(run).writers).toMatchObject([{ writer: 'w1', host: 'here', elsewhere: true }])
    expect(there.folded(run).resources.get('w1-1.0')?.elsewhere).toEqual({ host: 'here', near: false })
    expect(await stateOf(run)).toMatchObject({ build: 'b1', host: 'here' })
  })

  test('lines that are sent again change nothing, whoever sends them', async () => {
    const { open, host, newRun, stateOf } = stage()
    const [here, run] = [host('here'), newRun()]
    here.writer(run, 'w1')
    here.created(run, 'w1', [1, 2, 3])
    await here.shipment(open(), run).ship()
    const before = await stateOf(run)
    await here.shipment(open(), run).conclude()
    const text = here.text(run, 'w1.jsonl')
    await open().append({ run, host: 'here' }, [{ writer: 'w1', from: 1, text }])
    const after = await stateOf(run)
    expect(after?.writers).toEqual(before?.writers)
    expect(after?.writers.get('w1')).toEqual({ lines: 4, changes: 4 })
  })

  test('lines that arrive out of order are put in order, and count as received up to the first gap', async () => {
    const { open, newRun } = stage()
    const [ledger, run] = [open(), newRun()]
    const send = (from: number, text: string) => ledger.append({ run, host: 'here' }, [{ writer: 'w1', from, text }])
    await send(3, 'three\nfour\n')
    expect((await ledger.positions(run)).get('w1')).toBe(0)
    await send(1, 'one\n')
    expect((await ledger.positions(run)).get('w1')).toBe(1)
    expect(await all(ledger.lines(run, 'w1'))).toBe('one\n\nthree\nfour\n')
    await send(1, 'one\n\n')
    expect((await ledger.positions(run)).get('w1')).toBe(4)
    await send(2, 'two\n')
    expect(await all(ledger.lines(run, 'w1'))).toBe('one\ntwo\nthree\nfour\n')
  })

  test('a partly sent run is completed by the next shipment', async () => {
    const { open, host, newRun } = stage()
    const [here, there, run] = [host('here'), host('there'), newRun()]
    here.writer(run, 'w1')
    here.created(run, 'w1', [1, 2])
    await here.shipment(open(), run).ship()
    here.created(run, 'w1', [3])
    here.writer(run, 'w2')
    here.created(run, 'w2', [4])
    // The last stored line may have been torn, so it is sent again.
    expect(await here.shipment(open(), run).ship()).toBe(4)
    await there.bringIn(open())
    expect(there.keys(run)).toEqual([1, 2, 3, 4])
  })

  test('eight simultaneous shipments of the same lines store them once', async () => {
    const { open, host, newRun, stateOf } = stage()
    const [here, there, run] = [host('here'), host('there'), newRun()]
    const writers = ['w1', 'w2', 'w3', 'w4']
    for (const [i, writer] of writers.entries()) {
      here.writer(run, writer)
      here.created(
        run,
        writer,
        Array.from({ length: 500 }, (_, n) => i * 500 + n),
      )
    }
    await Promise.all(Array.from({ length: 8 }, () => here.shipment(open(), run).conclude()))
    const state = await stateOf(run)
    expect([...(state?.writers.values() ?? [])]).toEqual(writers.map(() => ({ lines: 501, changes: 501 })))
    await there.bringIn(open())
    expect(new Set(there.keys(run)).size).toBe(2_000)
  })
}
