it('leaves a throwing timer behind', async () => {
  setTimeout(() => {
    throw new TypeError('thrown by a timer')
  }, 1)
  await new Promise((resolve) => setTimeout(resolve, 10))
})
// Longer than the test before goes on after it has failed.
it('passes afterwards', () => new Promise((resolve) => setTimeout(resolve, 50)))
