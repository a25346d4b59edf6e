import { afterEach, beforeEach, expect } from 'vitest'

expect.extend({
  toBeEven: (value) => ({ pass: value % 2 === 0, message: () => `expected ${value} to be even` }),
})
beforeEach(({ task }) => {
  if (task.name.includes('traced')) console.log('setup file: before', task.name)
})
afterEach(({ task }) => {
  if (task.name.includes('traced')) console.log('setup file: after', task.name)
})
