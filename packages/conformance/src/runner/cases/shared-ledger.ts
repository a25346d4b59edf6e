/** Cases: runs with a shared ledger. */
import type { Case } from '../case.ts'

export const sharedLedger: readonly Case[] = [
  {
    name: 'a ledger that machines share',
    files: {
      'shared-a': `
test('passes', {}, async () => { await create('users') })
test('fails', {}, async () => {
  await create('orders')
  assert.equal(1, 2)
})`,
      'shared-b': `test('passes, too', {}, async () => { await create('carts') })`,
    },
    alone: { shared: true },
    expected: {
      ledger: ['passes (passed): user removed', 'fails (failed): order kept', 'passes, too (passed): cart removed'],
      left: ['orders/N'],
      sent: 'whole',
    },
  },
]
