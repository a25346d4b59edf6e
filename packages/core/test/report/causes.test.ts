import { expect, test } from 'vitest'
import { causesOf } from '../../src/report/causes.ts'
import type { Resource } from '../../src/resource/resource.ts'
import { type Pipeline, pipeline } from '../pipeline.ts'
import { scriptedStore } from '../scripted-store.ts'

const create: Pipeline['create'] = (...args) => pipeline(scriptedStore()).create(...args)
const thing = (is: Partial<Resource>) => Object.assign(create('user', 1), is)

test.each<[string, Partial<Resource>, number]>([
  ['removed has no cause', { state: 'removed' }, 0],
  ['kept has no cause', { state: 'kept', why: 'its test is kept' }, 0],
  ['persistent has no cause', { state: 'live' }, 0],
  ['failed has a cause', { state: 'failed' }, 1],
  ['refused has a cause', { state: 'refused', why: 'has-dependents' }, 1],
  ['lost has a cause', { state: 'lost' }, 1],
  ['pending with an unreachable store has a cause', { state: 'pending', why: 'unreachable' }, 1],
  ['pending for lack of time has a cause', { state: 'pending', why: 'budget' }, 1],
  ['pending in an open transaction has a cause', { state: 'pending', why: 'open-transaction' }, 1],
  ['pending and accepted by the application has no cause', { state: 'pending', why: 'accepted' }, 0],
])('a resource that is %s', (_, is, expected) => {
  expect(causesOf([thing(is)])).toHaveLength(expected)
})

test('a cause without an error has the reason in words', () => {
  const [cause] = causesOf([thing({ state: 'refused', why: 'has-dependents' })])
  expect(cause).toMatchObject({ code: '', message: 'others depend on it' })
})

test('a cause hides keys that may be secrets, and credentials of a store', () => {
  const secret = 'pl4nted-s3cret-token'
  const one = create('session', secret, { store: { driver: 'main', id: `postgres://me:${secret}@localhost/shop#7` } })
  const [cause] = causesOf([
    Object.assign(one, { state: 'failed', error: { code: 'X', message: `no ${secret}`, hint: `Not ${secret}` } }),
  ])
  expect(JSON.stringify(cause)).not.toContain(secret)
  expect(cause).toMatchObject({ store: 'main (postgres://***@localhost/shop)', sample: ['session pl4n***'] })
})
