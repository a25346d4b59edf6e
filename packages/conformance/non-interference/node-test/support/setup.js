/** The user's own global hooks, loaded as Dustpan is. */
import { after, afterEach, before, beforeEach } from 'node:test'

before(() => console.log('setup file: before'))
beforeEach((t) => {
  if (t.name.includes('traced')) console.log('setup file: beforeEach', t.name)
})
afterEach((t) => {
  if (t.name.includes('traced')) console.log('setup file: afterEach', t.name, t.passed)
})
after(() => console.log('setup file: after'))
