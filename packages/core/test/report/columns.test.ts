import { expect, test } from 'vitest'
import { columns } from '../../src/report/columns.ts'

test('where nothing is shortened, one long cell pushes no other row to the right', () => {
  const row = (key: string) => [{ text: key }, { text: 'kept' }]
  const [long = '', short = ''] = columns([row('k'.repeat(900)), row('k')], { width: Number.POSITIVE_INFINITY })
  expect(long).toBe(`${'k'.repeat(900)}  kept`)
  expect(short.length).toBeLessThan(130)
})
