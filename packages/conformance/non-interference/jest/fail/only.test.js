test('left out', () => {})
test.only('the only one', () => expect(1).toBe(1))
describe.only('the only suite', () => {
  test('in it', () => {})
  test('fails in it', () => expect([1, 2]).toContain(3))
})
fdescribe('focused too', () => {
  fit('in it', () => {})
})
