import { afterEach, expect, test, vi } from 'vitest'
import { clock } from '../../src/clock/clock.ts'
import { pipeline } from '../pipeline.ts'
import { scriptedStore } from '../scripted-store.ts'
import { quickSettings } from '../settings.ts'

afterEach(() => vi.restoreAllMocks())

const readBack = { settings: quickSettings({ cleanup: { verify: 'read-back', retry: { attempts: 2 } } }) }

test('a reported removal is not probed by default', async () => {
  const { create, clean, store } = pipeline(scriptedStore())
  create('user', 1)
  store.script.answer = () => ({ state: 'removed' })
  expect(await clean()).toEqual({ 'user 1': 'removed' })
  expect(store.calls).toEqual(['connect', 'remove user 1'])
})

test('read-back retries a resource that is still there, then fails with DUSTPAN_STILL_THERE', async () => {
  const { create, clean, store } = pipeline(scriptedStore(), readBack)
  const [bad] = [create('user', 1), create('user', 2)]
  store.script.answer = ({ key }) => (key === 1 ? { state: 'removed' } : undefined)
  expect(await clean()).toEqual({ 'user 1': 'failed', 'user 2': 'removed' })
  expect(bad?.error).toMatchObject({ code: 'DUSTPAN_STILL_THERE' })
  expect(store.calls).toEqual([
    'connect',
    'remove user 2, user 1',
    'probe user 2, user 1',
    'remove user 1',
    'probe user 1',
  ])
})

test('a removal whose probe fails has failed', async () => {
  const { create, clean, store } = pipeline(scriptedStore(), readBack)
  const user = create('user', 1)
  store.script.answer = () => ({ state: 'removed' })
  store.script.probe = () => {
    throw new Error('no route')
  }
  expect(await clean()).toEqual({ 'user 1': 'failed' })
  expect(user.error?.message).toBe('The driver "main" failed: no route')
})

test('read-back is skipped for a store without verification', async () => {
  const store = scriptedStore()
  store.capabilities = { verify: 'none' }
  const { create, clean } = pipeline(store, readBack)
  create('user', 1)
  expect(await clean()).toEqual({ 'user 1': 'removed' })
  expect(store.calls).toEqual(['connect', 'remove user 1'])
})

test('an accepted removal is probed at growing intervals until the resource is gone', async () => {
  const waits: number[] = []
  vi.spyOn(clock, 'sleep').mockImplementation(async (ms) => void waits.push(ms))
  const { create, clean, store } = pipeline(scriptedStore())
  const user = create('user', 1)
  store.script.answer = () => ({ state: 'pending', why: 'accepted', afterMs: 0 })
  store.script.probe = () => {
    if (waits.length === 3) store.rows.clear()
  }
  expect(await clean()).toEqual({ 'user 1': 'removed' })
  expect(user.result).toBe('accepted, gone since')
  expect(waits).toEqual([50, 100, 200])
})

test('an accepted removal is pending at the deadline', async () => {
  const { create, clean, store } = pipeline(scriptedStore())
  const user = create('user', 1)
  store.script.answer = () => ({ state: 'pending', why: 'accepted', afterMs: 0 })
  expect(await clean(undefined, 120)).toEqual({ 'user 1': 'pending' })
  expect(user.why).toBe('accepted')
})
