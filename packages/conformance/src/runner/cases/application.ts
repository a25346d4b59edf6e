/** Cases: rows written by the application under test. */
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
    alone: { application: 'collected' },
    expected: { ledger: ['fails (failed): notes kept', 'passes (passed): notes removed'], left: ['PostgreSQL failed'] },
  },
  {
    name: 'a run is at work before its first statement',
    files: { 'at-work': `test('asks', {}, () => askHowManyRuns())` },
    alone: { application: 'left to others' },
    expected: { ledger: [], left: ['PostgreSQL 1 at work'], exit: 'passes' },
  },
]
