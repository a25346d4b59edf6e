import { expect, test } from 'vitest'
import { clock } from '../../src/clock/clock.ts'
import type { DustpanConfig } from '../../src/config/config.ts'
import { pipeline } from '../pipeline.ts'
import { scriptedDriver, scriptedStore } from '../scripted-store.ts'
import { quickSettings } from '../settings.ts'

/** A row, a resource removed by a function, and a row in a store that is not allowed. */
function setUp(config: DustpanConfig) {
  const called: unknown[] = []
  const closures = new Map([['c', [(target: unknown) => void called.push(target)]]])
  const elsewhere = scriptedStore('postgres://db.example/shop')
  const one = pipeline(scriptedStore(), {
    settings: quickSettings({ shadow: true, ...config }),
    drivers: [scriptedDriver(elsewhere, 'elsewhere')],
    change: { closures },
  })
  const user = one.create('user', 1)
  one.create('thing', 2, {
    set: 'c',
    store: { driver: 'closure', id: 'closure', bound: 'w' },
    steps: [{ closure: 'w' }],
  })
  const steps = [{ driver: 'elsewhere', op: 'delete', v: 1, args: { type: 'row' } }]
  const row = one.create('row', 3, { store: { driver: 'elsewhere', id: elsewhere.id }, steps })
  return { ...one, user, row, asked: () => [one.store.calls, elsewhere.calls, called] }
}

const nothing = [[], [], []]

test.each<[string, DustpanConfig]>([
  ['one by one', {}],
  ['with atomic: true', { cleanup: { atomic: true } }],
  ['with backups', { cleanup: { backup: true } }],
])(
  'shadow mode keeps what would be removed, refuses what is not allowed and calls no store: %s',
  async (_name, config) => {
    const { clean, user, row, asked } = setUp(config)
    expect(await clean()).toEqual({ 'user 1': 'kept', 'thing 2': 'kept', 'row 3': 'refused' })
    expect([user.why, row.error?.code, asked()]).toEqual(['shadow', 'DUSTPAN_HOST_REFUSED', nothing])
  },
)

test('shadow mode refuses protected resources', async () => {
  const { clean, user } = setUp({ protect: { types: ['user'] } })
  expect(await clean()).toMatchObject({ 'user 1': 'refused', 'thing 2': 'kept' })
  expect(user.error?.code).toBe('DUSTPAN_PROTECTED')
})

test('shadow mode keeps a resource for keepFor, and records it once', async () => {
  const { clean, events } = setUp({})
  await clean()
  const before = events.length
  await clean()
  const kept = events.filter((event) => event.e === 'kept')
  expect(kept.map(({ why, ids }) => [why, ids.length])).toEqual([
    ['shadow', 1],
    ['shadow', 1],
  ])
  expect(kept[0]?.until).toBeGreaterThan(clock.now())
  // The refused row is checked again each time.
  expect(events.slice(before).map(({ e }) => e)).toEqual(['removal.begun', 'removal.ended'])
})

test('shadow mode allows probing through an open connection, and fails a removal with DUSTPAN_SHADOW', async () => {
  const { ctx, store, user } = setUp({})
  const driver = ctx.drivers.get('main')
  if (!driver) throw new Error('no driver')
  const target = { id: user.id, key: 1, type: 'user', removal: user.set.steps[0], proof: user.set.proof, createdAt: 0 }
  const use = (what: 'remove' | 'probe') =>
    ctx.connections.use(driver, user.set.store, clock.now() + 60_000, async (connection) =>
      connection[what]?.([target] as never, {} as never),
    )
  await expect(use('remove')).rejects.toMatchObject({ code: 'DUSTPAN_SHADOW' })
  await use('probe')
  expect(store.rows.has('user 1')).toBe(true)
  expect(store.calls.filter((call) => call.startsWith('remove'))).toEqual([])
})
