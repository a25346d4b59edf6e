import { expect, test } from 'vitest'
import { namesKind } from '../../src/resource/same-kind.ts'

test.each([
  ['user', 'users'],
  ['users', 'user'],
  ['category', 'Categories'],
  ['order-item', 'order_items'],
  ['orderItem', 'public."OrderItems"'],
  ['bus', 'buses'],
  ['cache', 'main.caches'],
  ['address', 'addresses'],
  ['status', 'statuses'],
])('%s and %s name the same type', (one, other) => {
  expect(namesKind([one], ['nothing', other])).toBe(true)
  expect(namesKind([other], [one])).toBe(true)
})

test.each([
  ['user', 'user_settings'],
  ['order', 'order_items'],
  ['shop.users', 'users'],
])('%s and %s name different types', (one, other) => {
  expect(namesKind([one], [other])).toBe(false)
})
