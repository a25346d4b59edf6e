import { expect, test } from 'vitest'
import type { ResourceSet } from '../../src/resource/resource.ts'
import { pipeline } from '../pipeline.ts'
import { never, removal, scriptedStore } from '../scripted-store.ts'

const closure = (set: string, writer = 'w'): Partial<ResourceSet> => ({
  set,
  store: { driver: 'closure', id: 'closure', bound: writer },
  steps: [{ closure: writer }],
})

test('each is called with its id, one after the other, and one that fails does not stop the rest', async () => {
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

test('one that never returns is left at the deadline, with DUSTPAN_BUDGET_EXCEEDED, and not called again', async () => {
  const { create, clean } = pipeline(scriptedStore(), { change: { closures: new Map([['a', [never]]]) } })
  const thing = create('thing', 1, closure('a'))
  expect(await clean(undefined, 20)).toEqual({ 'thing 1': 'failed' })
  expect(thing.error?.code).toBe('DUSTPAN_BUDGET_EXCEEDED')
})

test("another process's is lost, with DUSTPAN_LOST_CLOSURE, on record too", async () => {
  const { create, clean, events } = pipeline(scriptedStore())
  const thing = create('thing', 1, closure('a', 'another-writer'))
  expect(await clean()).toEqual({ 'thing 1': 'lost' })
  expect(thing.error?.code).toBe('DUSTPAN_LOST_CLOSURE')
  expect(events.at(-1)).toMatchObject({ outcomes: [['a.0', { state: 'lost' }]] })
})

test("another process's has its fallback", async () => {
  const store = scriptedStore()
  const { create, clean } = pipeline(store)
  const place = { driver: 'main', id: store.id }
  create('thing', 1, {
    ...closure('a', 'another-writer'),
    steps: [{ closure: 'another-writer' }, { ...removal('thing'), store: place }],
  })
  expect(await clean()).toEqual({ 'thing 1': 'removed' })
})

test('of several the one that belongs to the step is called', async () => {
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

test('why it failed in its own process is kept where it cannot be called', async () => {
  const { create, clean } = pipeline(scriptedStore())
  const thing = create('thing', 1, closure('a', 'another-writer'))
  Object.assign(thing, { state: 'failed', error: { code: 'DUSTPAN_REMOVAL_FAILED', message: 'no such customer' } })
  expect(await clean()).toEqual({ 'thing 1': 'lost' })
  expect(thing.error).toEqual({ code: 'DUSTPAN_REMOVAL_FAILED', message: 'no such customer' })
})
