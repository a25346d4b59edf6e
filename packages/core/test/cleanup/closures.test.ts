import { expect, test } from 'vitest'
import type { ResourceSet } from '../../src/resource/resource.ts'
import { pipeline } from '../pipeline.ts'
import { never, removal, scriptedStore } from '../scripted-store.ts'

const closure = (set: string, writer = 'w'): Partial<ResourceSet> => ({
  set,
  store: { driver: 'closure', id: 'closure', bound: writer },
  steps: [{ closure: writer }],
})

test('removal functions run one after another with their ids, and one that fails does not stop the rest', async () => {
  const called: unknown[] = []
  const call = async ({ id }: { id: unknown }) => {
    called.push(`begin ${id}`)
    await Promise.resolve()
    if (id === 2) throw new Error('no')
    called.push(`end ${id}`)
  }
  const closures = new Map(['a', 'b', 'c'].map((set) => [set, [call]]))
  const { create, clean } = pipeline(scriptedStore(), { change: { closures } })
  create('thing', 1, closure('a'))
  const bad = create('thing', 2, closure('b'))
  create('thing', 3, closure('c'))
  expect(await clean()).toEqual({ 'thing 1': 'removed', 'thing 2': 'failed', 'thing 3': 'removed' })
  expect(bad.error).toEqual({ code: 'DUSTPAN_REMOVAL_FAILED', message: 'The removal function failed: no' })
  expect(called).toEqual(['begin 3', 'end 3', 'begin 2', 'begin 1', 'end 1'])
})

test('a removal function that never returns fails with DUSTPAN_BUDGET_EXCEEDED at the deadline', async () => {
  const { create, clean } = pipeline(scriptedStore(), { change: { closures: new Map([['a', [never]]]) } })
  const thing = create('thing', 1, closure('a'))
  expect(await clean(undefined, 20)).toEqual({ 'thing 1': 'failed' })
  expect(thing.error?.code).toBe('DUSTPAN_BUDGET_EXCEEDED')
})

test('a removal function of another process is recorded as lost, with DUSTPAN_LOST_CLOSURE', async () => {
  const { create, clean, events } = pipeline(scriptedStore())
  const thing = create('thing', 1, closure('a', 'another-writer'))
  expect(await clean()).toEqual({ 'thing 1': 'lost' })
  expect(thing.error?.code).toBe('DUSTPAN_LOST_CLOSURE')
  expect(events.at(-1)).toMatchObject({ outcomes: [['a.0', { state: 'lost' }]] })
})

test('the fallback of a lost removal function runs', async () => {
  const store = scriptedStore()
  const { create, clean } = pipeline(store)
  const place = { driver: 'main', id: store.id }
  create('thing', 1, {
    ...closure('a', 'another-writer'),
    steps: [{ closure: 'another-writer' }, { ...removal('thing'), store: place }],
  })
  expect(await clean()).toEqual({ 'thing 1': 'removed' })
})

test('the second of two removal functions runs after the first has failed', async () => {
  const called: string[] = []
  const steps = [
    () => {
      called.push('first')
      throw new Error('no')
    },
    () => void called.push('second'),
  ]
  const { create, clean } = pipeline(scriptedStore(), { change: { closures: new Map([['a', steps]]) } })
  create('thing', 1, { ...closure('a'), steps: [{ closure: 'w' }, { closure: 'w' }] })
  expect(await clean()).toEqual({ 'thing 1': 'removed' })
  expect(called).toEqual(['first', 'second'])
})

test('an earlier error is kept when the removal function is lost', async () => {
  const { create, clean } = pipeline(scriptedStore())
  const thing = create('thing', 1, closure('a', 'another-writer'))
  Object.assign(thing, { state: 'failed', error: { code: 'DUSTPAN_REMOVAL_FAILED', message: 'no such customer' } })
  expect(await clean()).toEqual({ 'thing 1': 'lost' })
  expect(thing.error).toEqual({ code: 'DUSTPAN_REMOVAL_FAILED', message: 'no such customer' })
})
