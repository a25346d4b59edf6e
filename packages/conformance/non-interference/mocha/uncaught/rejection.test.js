it('leaves a rejection behind', async () => {
  Promise.reject(new Error('nobody caught this'))
  await new Promise((resolve) => setTimeout(resolve, 5))
})
it('passes afterwards', () => {})
