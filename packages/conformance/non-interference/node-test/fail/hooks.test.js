import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, describe, it } from 'node:test'

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
})
describe('afterEach', () => {
  afterEach(() => assert.equal('clean', 'dirty'))
  it('passes, but its hook does not', () => {})
  it('fails twice', () => assert.equal(1, 2))
})
describe('after', () => {
  after(async () => {
    await undefined
    throw new Error('after failed')
  })
  it('passes', () => {})
})
describe('slow hooks', () => {
  beforeEach(() => new Promise((resolve) => setTimeout(resolve, 100)), { timeout: 20 })
  it('never begins', () => {})
})
