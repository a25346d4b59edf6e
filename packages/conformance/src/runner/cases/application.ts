/** What the application under test writes. */
import type { Case } from '../case.ts'

export const application: readonly Case[] = [
  {
    name: 'rows that the application writes',
    files: {
      'application-writes': `
test('passes', {}, async () => { await writeAsApplication('passed') })
test('fails', {}, async () => {
  await writeAsApplication('failed')
  assert.equal(1, 2)
})`,
    },
    alone: { application: true },
    expected: { ledger: ['fails (failed): notes kept', 'passes (passed): notes removed'], left: ['PostgreSQL failed'] },
  },
]
