import assert from 'node:assert/strict'

describe('before', () => {
  before(() => {
    throw new Error('before failed')
  })
  it('never runs', () => {})
})
describe('beforeEach', () => {
  beforeEach(() => {
    throw new Error('beforeEach failed')
  })
  it('never runs', () => {})
  it('nor does this', () => {})
})
describe('afterEach', () => {
  afterEach(() => assert.equal('clean', 'dirty'))
  it('passes, but its hook does not', () => {})
  it('never runs', () => {})
})
describe('after', () => {
  after(async () => {
    await undefined
    throw new Error('after failed')
  })
  it('passes', () => {})
})
describe('slow hooks', () => {
  beforeEach(function () {
    this.timeout(20)
    return new Promise(() => {})
  })
  it('never begins', () => {})
})
describe('skipped in a hook', () => {
  before(function () {
    this.skip()
  })
  it('is pending', () => {})
})
