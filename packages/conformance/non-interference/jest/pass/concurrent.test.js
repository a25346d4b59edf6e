import { AsyncLocalStorage } from 'node:async_hooks'
import { add, newCart, total } from '../src/cart.js'

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
const storage = new AsyncLocalStorage()

describe('at the same time', () => {
  for (let index = 0; index < 5; index++) {
    test.concurrent(`cart ${index}`, async () => {
      const cart = newCart(`c${index}`)
      await storage.run(index, async () => {
        await pause(((index * 2) % 5) * 25)
        add(cart, 'x', index)
        expect(storage.getStore()).toBe(index)
      })
      expect(total(cart)).toBe(index)
    })
  }
  test.concurrent.each([1, 2, 3])('each %i', async (number) => expect(await Promise.resolve(number)).toBe(number))
  test.concurrent
    .failing('fails as expected', async () => expect(1).toBe(2))
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
