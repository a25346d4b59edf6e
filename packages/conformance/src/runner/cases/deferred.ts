/** Cases: removals deferred to the end of the file. */
import type { Case } from '../case.ts'

export const deferred: readonly Case[] = [
  {
    name: 'cleanup after each file',
    files: {
      'after-file': `
suite('of a file', {}, () => {
  let first
  test('creates', {}, async () => { first = await create('users') })
  test('sees what waits', {}, async () => {
    assert.ok(await exists('users/' + first.id))
    await create('orders')
  })
  test('fails', {}, async () => {
    await create('carts')
    assert.equal(1, 2)
  })
})`,
    },
    alone: { cleanup: { when: 'after-file', strategy: 'conditional' } },
    expected: {
      ledger: [
        'of a file > creates (passed): user removed',
        'of a file > sees what waits (passed): order removed',
        'of a file > fails (failed): cart kept',
      ],
      left: ['carts/N'],
    },
  },
]
