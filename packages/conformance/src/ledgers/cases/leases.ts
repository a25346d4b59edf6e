/** Cases: leases allow only one cleaner at a time. */
import type { LeaseHolder } from '@dustpan/core/ledger'
import { expect, test } from 'vitest'
import type { LedgerCases } from '../stage.ts'

export const leases: LedgerCases = (stage) => {
  test('one of eight simultaneous cleaners gets the lease, and the others get its holder', async () => {
    const { open, newRun } = stage()
    const run = newRun()
    const holders = Array.from({ length: 8 }, (_, n) => holder(n))
    const answers = await Promise.all(holders.map((one) => open().lease(run, one)))
    const winner = holders.filter((_, n) => answers[n] === undefined)
    expect(winner).toHaveLength(1)
    expect(new Set(answers.filter((one) => one !== undefined).map(({ lease }) => lease))).toEqual(
      new Set(winner.map(({ lease }) => lease)),
    )
    await open().release(run, winner[0] as LeaseHolder)
    expect(await open().lease(run, holder(9))).toBeUndefined()
  })

  test('a renewed lease stays valid; one that is not renewed expires, and cannot be renewed afterwards', async () => {
    const { place, open, newRun } = stage()
    const [run, ledger] = [newRun(), open()]
    expect(await ledger.lease(run, holder(1))).toBeUndefined()
    await place.age(5)
    expect(await ledger.renew(run, holder(1))).toBe(true)
    await place.age(5)
    expect(await ledger.lease(run, holder(2))).toMatchObject({ lease: 'lease 1' })
    await place.age(6)
    expect(await ledger.lease(run, holder(2))).toBeUndefined()
    expect(await ledger.renew(run, holder(1))).toBe(false)
    await ledger.release(run, holder(1))
    expect(await ledger.lease(run, holder(3))).toMatchObject({ lease: 'lease 2' })
    expect(await ledger.lease(run, holder(3), holder(2))).toBeUndefined()
  })
}

const holder = (n: number): LeaseHolder => ({
  ...{ lease: `lease ${n}`, host: 'here', boot: 'b', pid: n, pidStart: '1', thread: 0 },
})
