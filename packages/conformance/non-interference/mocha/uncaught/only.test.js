it('left out', () => {})
it.only('the only one', () => {})
describe.only('the only suite', () => {
  it('in it', () => {})
})
