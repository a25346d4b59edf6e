/** Cases: several attempts of one test. Each is cleaned before the next begins, and only the last is kept. */
import type { Case } from '../case.ts'

const attempt = `
const { id } = await create('users')
const earlier = remember(id)
for (const one of earlier) assert.equal(await exists('users/' + one), false, 'user ' + one + ' is still there')`

export const attempts: readonly Case[] = [
  {
    name: 'retry that passes at last',
    files: {
      'retry-passes': `
test('passes at the third try', { retries: 2 }, async () => { ${attempt}
  assert.equal(earlier.length, 2)
})`,
    },
    expected: {
      ledger: [
        'passes at the third try (failed): user removed',
        'passes at the third try #1 (failed): user removed',
        'passes at the third try #2 (passed): user removed',
      ],
    },
  },
  {
    name: 'retry that never passes',
    files: {
      'retry-fails': `
test('fails at each try', { retries: 1 }, async () => { ${attempt}
  assert.equal(1, 2)
})`,
    },
    expected: {
      ledger: ['fails at each try (failed): user removed', 'fails at each try #1 (failed): user kept'],
      left: ['users/N'],
    },
  },
]
