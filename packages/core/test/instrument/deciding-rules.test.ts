import { expect, test } from 'vitest'
import { decidingRules } from '../../src/instrument/deciding-rules.ts'

const store = { id: 'main' }
const elsewhere = { serves: () => false, leadsTo: () => true }
const first = { serves: () => true }
const second = { serves: () => true, leadsTo: () => false }
const named = { serves: () => true, leadsTo: ({ id }: { id: string }) => id === 'main' }

test.each([
  ['the one that leads to the store', [elsewhere, first, second, named], named],
  ['the first that serves the store', [elsewhere, first, second], first],
  ['none if none serves the store', [elsewhere], undefined],
])('of several instances the deciding one is %s', (_, all, deciding) => {
  expect(decidingRules(all, store)).toBe(deciding)
})
