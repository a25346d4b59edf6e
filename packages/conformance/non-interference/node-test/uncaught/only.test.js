import { describe, it, test } from 'node:test'

test('left out', () => {})
test.only('the only one', () => {})
describe.only('the only suite', () => {
  it('in it', () => {})
})
