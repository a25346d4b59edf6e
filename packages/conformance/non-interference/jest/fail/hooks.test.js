describe('beforeAll', () => {
  beforeAll(() => {
    throw new Error('beforeAll failed')
  })
  test('fails with it', () => {})
})
describe('beforeEach', () => {
  beforeEach(() => {
    throw new Error('beforeEach failed')
  })
  test('never runs', () => {})
})
describe('afterEach', () => {
  afterEach(() => expect('clean').toBe('dirty'))
  test('passes, but its hook does not', () => {})
  test('fails twice', () => expect(1).toBe(2))
})
describe('afterAll', () => {
  afterAll(async () => {
    await undefined
    throw new Error('afterAll failed')
  })
  test('passes', () => {})
})
describe('slow hooks', () => {
  beforeEach(() => new Promise(() => {}), 20)
  test('never begins', () => {})
})
describe('retried in vain', () => {
  beforeAll(() => jest.retryTimes(2))
  afterAll(() => jest.retryTimes(0))
  test('each time', () => expect('again').toBe('never'))
})
