import { AsyncLocalStorage } from 'node:async_hooks'
import { beforeEach, describe, expect, test } from 'vitest'
import { add, newCart, total } from '../src/cart.js'

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
const storage = new AsyncLocalStorage()

describe.concurrent('at the same time', () => {
  for (let index = 0; index < 5; index++) {
    test(`cart ${index}`, async ({ expect: own }) => {
      const cart = newCart(`c${index}`)
      await storage.run(index, async () => {
        await pause(((index * 2) % 5) * 25)
        add(cart, 'x', index)
        own(storage.getStore()).toBe(index)
      })
      own(total(cart)).toBe(index)
      own(cart).toMatchSnapshot()
    })
  }
})

describe("the user's own async context", () => {
  const mine = new AsyncLocalStorage()
  beforeEach(() => mine.enterWith('hook'))
  test('as it is in a body', () => {
    console.log('in the body:', mine.getStore())
    mine.enterWith('body')
  })
  test('as it is in the next', () => console.log('in the next body:', mine.getStore()))
})
test.concurrent('alone', async () => expect(await pause(1)).toBeUndefined())
test.sequential('in turn', async () => expect(await pause(1)).toBeUndefined())
