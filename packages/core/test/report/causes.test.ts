import { expect, test } from 'vitest'
import { causesOf } from '../../src/report/causes.ts'
import type { Resource } from '../../src/resource/resource.ts'
import { type Pipeline, pipeline } from '../pipeline.ts'
import { scriptedStore } from '../scripted-store.ts'

const create: Pipeline['create'] = (...args) => pipeline(scriptedStore()).create(...args)
const thing = (is: Partial<Resource>) => Object.assign(create('user', 1), is)

test.each<[string, Partial<Resource>, number]>([
  ['gone', { state: 'removed' }, 0],
  ['kept', { state: 'kept', why: 'its test is kept' }, 0],
  ['persistent', { state: 'live' }, 0],
  ['failed', { state: 'failed' }, 1],
  ['refused', { state: 'refused', why: 'has-dependents' }, 1],
  ['lost', { state: 'lost' }, 1],
  ['its store could not be reached', { state: 'pending', why: 'unreachable' }, 1],
  ['no time was left', { state: 'pending', why: 'budget' }, 1],
  ['its transaction never ended', { state: 'pending', why: 'open-transaction' }, 1],
  ['the application is still at it', { state: 'pending', why: 'accepted' }, 0],
])('what is stuck has a cause: %s', (_, is, expected) => {
  expect(causesOf([thing(is)])).toHaveLength(expected)
})

test('where there is no error, the reason is told in words', () => {
  const [cause] = causesOf([thing({ state: 'refused', why: 'has-dependents' })])
  expect(cause).toMatchObject({ code: '', message: 'others depend on it' })
})

test('a key that may be a secret is not told, nor what stands in the address of a store', () => {
  const secret = 'pl4nted-s3cret-token'
  const one = create('session', secret, { store: { driver: 'main', id: `postgres://me:${secret}@localhost/shop#7` } })
  const [cause] = causesOf([
    Object.assign(one, { state: 'failed', error: { code: 'X', message: `no ${secret}`, hint: `Not ${secret}` } }),
  ])
  expect(JSON.stringify(cause)).not.toContain(secret)
  expect(cause).toMatchObject({ store: 'main (postgres://***@localhost/shop)', sample: ['session pl4n***'] })
})
