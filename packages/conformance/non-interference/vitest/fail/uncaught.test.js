import { expect, test } from 'vitest'

test('leaves a rejection behind', async () => {
  Promise.reject(new Error('nobody caught this'))
  await new Promise((resolve) => setTimeout(resolve, 5))
})
test('leaves a throwing timer behind', async () => {
  setTimeout(() => {
    throw new TypeError('thrown by a timer')
  }, 1)
  await new Promise((resolve) => setTimeout(resolve, 10))
})
test('passes afterwards', () => expect(1).toBe(1))
