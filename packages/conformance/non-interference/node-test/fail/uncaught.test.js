import { test } from 'node:test'

test('leaves a throwing timer behind', async () => {
  setTimeout(() => {
    throw new TypeError('thrown by a timer')
  }, 1)
  await new Promise((resolve) => setTimeout(resolve, 10))
})
test('leaves a rejection behind', async () => {
  Promise.reject(new Error('nobody caught this'))
  await new Promise((resolve) => setTimeout(resolve, 5))
})
test('fails after it is over', () => {
  setTimeout(() => {
    throw new Error('too late')
  }, 5)
})
test('passes afterwards', () => new Promise((resolve) => setTimeout(resolve, 20)))
