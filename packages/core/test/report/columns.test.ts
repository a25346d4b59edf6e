import { expect, test } from 'vitest'
import { columns } from '../../src/report/columns.ts'

test('one long cell does not widen other rows when nothing is shortened', () => {
  const row = (key: string) => [{ text: key }, { text: 'kept' }]
  const [long = '', short = ''] = columns([row('k'.repeat(900)), row('k')], { width: Number.POSITIVE_INFINITY })
  expect(long).toBe(`${'k'.repeat(900)}  kept`)
  expect(short.length).toBeLessThan(130)
})
