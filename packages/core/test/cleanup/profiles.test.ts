import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { refusalsOf } from '../../src/cleanup/refuse.ts'
import type { DustpanConfig } from '../../src/config/config.ts'
import { deletionWithin, onlyMarked } from '../../src/options/deletion.ts'
import type { Driver } from '../../src/resource/driver.ts'
import { pipeline } from '../pipeline.ts'
import { type ScriptedStore, scriptedDriver, scriptedStore } from '../scripted-store.ts'
import { quickSettings, settingsOf } from '../settings.ts'
import { profilesTable } from './profiles-table.ts'

/** The outcomes for a database row, a resource behind an endpoint, and one removed by a function. */
async function outcomes(config: DustpanConfig, environment: string) {
  const [database, service] = [scriptedStore(), scriptedStore('http://localhost:3000')]
  service.capabilities = { database: false }
  const { create, clean, ctx } = pipeline(database, {
    settings: quickSettings({ shadow: false, ...config }, { DUSTPAN_ENVIRONMENT: environment }),
    drivers: [scriptedDriver(service, 'service')],
    change: { closures: new Map([['f', [() => {}]]]) },
  })
  const elsewhere = { store: { driver: 'service', id: service.id } }
  create('row', 1)
  create('item', 2, { ...elsewhere, steps: [{ driver: 'service', op: 'delete', v: 1, args: { type: 'item' } }] })
  service.rows.set('item 2', {})
  create('thing', 3, { set: 'f', store: { driver: 'closure', id: 'closure', bound: 'w' }, steps: [{ closure: 'w' }] })
  const states = await clean()
  return { states: Object.values(states).join(' '), calls: [database, service].map(callsOf).join(', '), ctx }
}

const callsOf = ({ calls }: ScriptedStore) => calls.length

const all = 'removed removed removed'
const endpoints = 'refused removed removed'
const none = 'refused refused refused'

test.each<[environment: string, config: DustpanConfig, expected: string]>([
  ['local', {}, all],
  ['test', {}, all],
  ['staging', {}, endpoints],
  ['production', {}, none],
  ['preview', {}, none],
  ['Local', {}, none],
  ['local', { profiles: { local: { remove: false } } }, none],
  ['local', { profiles: { staging: { remove: false } } }, all],
  ['staging', { profiles: { staging: { database: true } } }, all],
  ['production', { profiles: { production: { remove: true } } }, endpoints],
  ['production', { profiles: { production: { remove: true, database: true } } }, all],
  ['preview', { profiles: { production: { remove: true } } }, endpoints],
])('in %s with %o: row, endpoint and function are %s', async (environment, config, expected) => {
  const { states, calls } = await outcomes(config, environment)
  expect(states).toBe(expected)
  if (expected === none) expect(calls).toBe('0, 0')
  if (expected === endpoints) expect(calls).toMatch(/^0, [1-9]/)
})

/** In order: without a driver option, with `hard`, with `soft`. */
test.each([
  ['local', 'where-configured hard soft'],
  ['test', 'hard hard soft'],
  ['staging', 'where-configured where-configured soft'],
  ['production', 'soft-only soft-only soft-only'],
] as const)('deletion in %s without a driver option, with hard and with soft: %s', (environment, expected) => {
  const { profile } = settingsOf({ environment })
  expect([undefined, 'hard', 'soft'].map((option) => deletionWithin(profile, option as 'hard')).join(' ')).toBe(
    expected,
  )
})

test('the driver option decides without a profile', () => {
  expect(deletionWithin(undefined, 'hard')).toBe('hard')
  expect(deletionWithin(undefined, undefined)).toBe('where-configured')
})

test('a removal that the driver refuses under the profile does not reach the store, and others are done', async () => {
  const store = scriptedStore()
  const refused = onlyMarked('production', 'Rows of invoice are not deleted', 'Say how.')
  const driver: Driver = {
    ...scriptedDriver(store),
    refuses: ({ args }) => ((args as { type: string }).type === 'invoice' ? refused : undefined),
  }
  const { create, clean } = pipeline(store, { drivers: [driver] })
  const invoice = create('invoice', 1)
  create('user', 2)
  expect(await clean()).toEqual({ 'invoice 1': 'refused', 'user 2': 'removed' })
  expect(invoice).toMatchObject({ why: 'profile', error: { code: 'DUSTPAN_PROFILE_REFUSED', hint: 'Say how.' } })
  expect(store.calls.filter((call) => call.includes('invoice'))).toEqual([])
})

test('a refusal names the environment, the option and how to allow it, or the unknown name', async () => {
  const { ctx } = await outcomes({}, 'preview')
  const { create } = pipeline(scriptedStore())
  const thing = create('user', 1, { store: { driver: 'main', id: 'postgres://localhost:5432/shop#1.2' } })
  const refusalIn = (environment: string, option: string) => {
    const settings = settingsOf(
      { shadow: false, profiles: { production: { remove: option === 'database' } } },
      { DUSTPAN_ENVIRONMENT: environment },
    )
    const error = refusalsOf([thing], settings, ctx.drivers).get(thing)
    return `${error?.message} ${error?.hint}`
  }
  expect(refusalIn('preview', 'remove')).toBe(
    'Nothing is removed from postgres://localhost:5432/shop: the setting `environment` is "production", as "preview" is not a known name, and its profile has remove: false. ' +
      'Correct the name in `environment` (or DUSTPAN_ENVIRONMENT): local, test, staging and production are known. To allow it under every other name: profiles: { production: { remove: true } }.',
  )
  expect(refusalIn('production', 'database')).toBe(
    'Nothing is removed directly from the database postgres://localhost:5432/shop: the setting `environment` is "production", and its profile has database: false. ' +
      "Remove it by the application's own endpoints, or allow it there: profiles: { production: { database: true } }.",
  )
})

test('refusalsOf() checks addresses before profiles, and protected types', () => {
  const { create, ctx } = pipeline(scriptedStore())
  const [near, far, own] = [
    create('user', 1),
    create('user', 2, { store: { driver: 'main', id: 'postgres://db.example/shop' } }),
    create('country', 'nl'),
  ]
  const settings = settingsOf({ environment: 'staging', protect: { types: ['country'] } })
  const found = refusalsOf([near, far, own], settings, ctx.drivers)
  expect([near, far, own].map((one) => found.get(one)?.code)).toEqual([
    'DUSTPAN_PROFILE_REFUSED',
    'DUSTPAN_HOST_REFUSED',
    'DUSTPAN_PROTECTED',
  ])
  expect(refusalsOf([near], settingsOf(), ctx.drivers).size).toBe(0)
})

test('docs/safety.md shows the current profiles', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../../docs/safety.md'), 'utf8')
  const [, shown] = /<!-- profiles-table:begin -->\n([\s\S]*?)\n<!-- profiles-table:end -->/.exec(page) ?? []
  expect(shown).toBe(profilesTable())
})
