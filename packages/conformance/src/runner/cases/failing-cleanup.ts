/** Cases: removals that fail. */
import type { Case } from '../case.ts'

const refused = (name: 'warn' | 'fail', exit: 'passes' | 'fails'): Case => ({
  name: `cleanup that fails, under ${name}`,
  files: { [`refused-${name}`]: `test('passes', {}, async () => { await create('users') })` },
  service: (api) => api.refuse(new RegExp(`^refused-${name}`), 403),
  alone: { cleanup: { onCleanupFailure: name } },
  expected: { ledger: ['passes (passed): user failed'], left: ['users/N'], exit },
})

export const failingCleanup: readonly Case[] = [refused('warn', 'passes'), refused('fail', 'fails')]
