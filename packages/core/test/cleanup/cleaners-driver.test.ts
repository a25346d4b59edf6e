import { expect, test } from 'vitest'
import { createCleanersDriver } from '../../src/cleanup/cleaners-driver.ts'
import type { Cleaner } from '../../src/resource/driver.ts'
import type { ResourceSet } from '../../src/resource/resource.ts'
import { pipeline } from '../pipeline.ts'
import { scriptedStore } from '../scripted-store.ts'

function withCleaners(cleaners: Record<string, Cleaner>) {
  const functions = { cleaner: (name: string) => cleaners[name], driverOption: () => undefined }
  const driver = createCleanersDriver('cleaners', {}, { root: '/project', environment: 'local', functions })
  const by = (cleaner: string): Partial<ResourceSet> => ({
    store: { driver: 'cleaners', id: 'cleaners' },
    steps: [{ driver: 'cleaners', op: 'call', v: 1, args: { cleaner } }],
  })
  return { driver, by, ...pipeline(scriptedStore(), { drivers: [driver] }) }
}

test('a cleaner is called once with all ids of a type', async () => {
  const calls: unknown[] = []
  const { create, clean, by } = withCleaners({ stripe: ({ ids, type }) => void calls.push([type, ...ids]) })
  create('customer', 'c1', by('stripe'))
  create('customer', 'c2', by('stripe'))
  expect(await clean()).toEqual({ 'customer c1': 'removed', 'customer c2': 'removed' })
  expect(calls).toEqual([['customer', 'c2', 'c1']])
})

test('a cleaner that throws is retried, then fails with its message', async () => {
  let calls = 0
  const { create, clean, by } = withCleaners({
    stripe: () => {
      calls++
      throw new Error('429')
    },
  })
  const customer = create('customer', 'c1', by('stripe'))
  expect(await clean()).toEqual({ 'customer c1': 'failed' })
  expect(calls).toBe(3)
  expect(customer.error).toEqual({ code: 'DUSTPAN_REMOVAL_FAILED', message: 'The cleaner "stripe" failed: 429' })
})

test('a cleaner that is not configured is DUSTPAN_UNKNOWN_CLEANER when tracked and when removed', async () => {
  const { create, clean, by, driver } = withCleaners({})
  expect(() => driver.removal?.({ cleaner: 'stripe' }, ['c1'])).toThrow(
    expect.objectContaining({ code: 'DUSTPAN_UNKNOWN_CLEANER' }),
  )
  const customer = create('customer', 'c1', by('stripe'))
  expect(await clean()).toEqual({ 'customer c1': 'failed' })
  expect(customer).toMatchObject({ attempts: 1, error: { code: 'DUSTPAN_UNKNOWN_CLEANER' } })
})
