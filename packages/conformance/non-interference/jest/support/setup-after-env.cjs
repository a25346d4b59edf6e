expect.extend({
  toBeEven: (value) => ({ pass: value % 2 === 0, message: () => `expected ${value} to be even` }),
})
beforeEach(() => {
  if (expect.getState().currentTestName.includes('traced')) console.log('setup file: before')
})
afterEach(() => {
  if (expect.getState().currentTestName.includes('traced')) console.log('setup file: after')
})
