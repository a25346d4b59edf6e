/** Cases: tests with the same source line or title. */
import type { Case } from '../case.ts'

export const titles: readonly Case[] = [
  {
    name: 'parametrised tests',
    files: {
      parametrised: `
each(['one', 'two', 'three'], 'creates %s', async (name) => {
  await create(name)
  assert.notEqual(name, 'two')
})`,
    },
    expected: {
      ledger: [
        'creates one (passed): one removed',
        'creates three (passed): three removed',
        'creates two (failed): two kept',
      ],
      left: ['two/N'],
    },
  },
  {
    name: 'duplicate titles',
    files: {
      duplicates: `
test('has a namesake', {}, async () => { await create('users') })
test('has a namesake', {}, async () => {
  await create('orders')
  assert.equal(1, 2)
})
test('has a namesake', {}, async () => { await create('teams') })`,
    },
    expected: {
      ledger: [
        'has a namesake (failed): order kept',
        'has a namesake (passed): team removed',
        'has a namesake (passed): user removed',
      ],
      left: ['orders/N'],
    },
  },
]
