import { expect, test } from 'vitest'
import type { ProtectOptions } from '../../src/config/config.ts'
import { limitsOf, protectedOf } from '../../src/planning/protect.ts'
import type { Driver } from '../../src/resource/driver.ts'
import { pipeline } from '../pipeline.ts'
import { scriptedDriver, scriptedStore } from '../scripted-store.ts'
import { quickSettings, settingsOf } from '../settings.ts'

const guarded = (protect: ProtectOptions, driver?: Driver) =>
  pipeline(scriptedStore(), { settings: quickSettings({ protect }), ...(driver ? { drivers: [driver] } : {}) })

test('a protected type is not removed, and others are', async () => {
  const { create, clean, store } = guarded({ types: ['country'] })
  const country = create('country', 'nl')
  create('user', 1)
  expect(await clean()).toEqual({ 'country nl': 'refused', 'user 1': 'removed' })
  expect(country).toMatchObject({ why: 'protected', error: { code: 'DUSTPAN_PROTECTED' } })
  expect(country.error?.message).toContain('country is a protected type (the setting protect.types)')
  expect(country.error?.hint).toContain('protect.types')
  expect([...store.rows.keys()]).toEqual(['country nl'])
})

test('a protected table is not removed, whatever the type on record', async () => {
  const store = scriptedStore()
  const driver: Driver = { ...scriptedDriver(store), typeOf: () => 'Countries' }
  const { create, clean } = pipeline(store, {
    settings: quickSettings({ protect: { types: ['countries'] } }),
    drivers: [driver],
  })
  create('country', 'nl')
  expect(await clean()).toEqual({ 'country nl': 'refused' })
})

test.each([
  ['users', 'user'],
  ['user', 'users'],
  ['order_items', 'order-item'],
])('protecting %s also protects %s, by type or by id', async (name, type) => {
  for (const protect of [{ types: [name] }, { ids: { [name]: [1] } }]) {
    const { create, clean } = guarded(protect)
    create(type, 1)
    expect(await clean()).toEqual({ [`${type} 1`]: 'refused' })
  }
})

test('a refusal names the resource by its recorded type and key', async () => {
  const { create, clean } = guarded({ types: ['categories'], ids: { users: [1] } })
  const [category, user] = [create('category', 3), create('user', 1)]
  await clean()
  expect(category.error?.message).toBe('It is not removed: category is a protected type (the setting protect.types).')
  expect(user.error?.message).toBe('It is not removed: user 1 stays (the setting protect.ids.users).')
})

test('a protected id matches as string or number, and only its own type', async () => {
  const { create, clean } = guarded({ ids: { user: [1, 'admin'] } })
  for (const key of [1, '1', 11, 'admin']) create('user', key)
  create('order', 1)
  const states = await clean()
  expect(states).toEqual({ 'user 1': 'refused', 'user 11': 'removed', 'user admin': 'refused', 'order 1': 'removed' })
})

test('a dependency of a protected resource is not removed', async () => {
  const { create, clean, store } = guarded({ types: ['order'] })
  const team = create('team', 1)
  const user = create('user', 2, { dependsOn: [team.id] })
  create('order', 3, { dependsOn: [user.id] })
  create('cart', 4, { dependsOn: [user.id] })
  expect(await clean()).toEqual({ 'team 1': 'refused', 'user 2': 'refused', 'order 3': 'refused', 'cart 4': 'removed' })
  expect(team).toMatchObject({ why: 'protected', error: { message: expect.stringContaining('depends on it') } })
  expect([...store.rows.keys()]).toEqual(['team 1', 'user 2', 'order 3'])
})

test('a parent of a protected row in the store is not removed', async () => {
  const { create, clean, store } = guarded({ types: ['invoice'] })
  create('user', 1)
  store.rows.set('invoice 9', { parent: 'user 1', afterParent: true })
  expect(await clean()).toEqual({ 'user 1': 'refused', 'invoice 9': 'refused' })
  expect([...store.rows.keys()]).toEqual(['user 1', 'invoice 9'])
})

test('a resource older than protect.olderThan is not removed', async () => {
  const { create, clean } = guarded({ olderThan: '24h' })
  const old = Object.assign(create('user', 1), { createdAt: Date.now() - 25 * 3_600_000 })
  Object.assign(create('user', 2), { createdAt: Date.now() - 23 * 3_600_000 })
  expect(await clean()).toEqual({ 'user 1': 'refused', 'user 2': 'removed' })
  expect(old).toMatchObject({ why: 'too-old', error: { code: 'DUSTPAN_PROTECTED' } })
  expect(old.error?.message).toContain('24 h is the limit, and it was created 25 h ago (the setting protect.olderThan)')
})

test('no resource of a type beyond protect.atMost is removed, and other types are', async () => {
  const { create, clean } = guarded({ atMost: 2, types: ['user'] })
  for (const key of [1, 2, 3]) create('order', key)
  for (const key of [1, 2]) create('cart', key)
  const order = create('order', 4)
  expect(Object.entries(await clean()).filter(([, state]) => state === 'refused')).toHaveLength(4)
  expect(order).toMatchObject({ why: 'too-many', error: { code: 'DUSTPAN_PROTECTED' } })
  expect(order.error?.message).toContain('2 is the limit, and there are 4 order (the setting protect.atMost)')
})

test('a protected key that may be a secret is not shown', () => {
  const { create, ctx } = guarded({ ids: { link: ['https://u:pa55word@x.example'] } })
  const found = protectedOf([create('link', 'https://u:pa55word@x.example')], ctx)
  const [protection] = found.values()
  expect(protection?.error.message).toContain('protect.ids.link')
  expect(protection?.error.message).not.toContain('pa55word')
})

test('limitsOf() applies the same protection to removal by predicate', () => {
  const protect = { types: ['country'], ids: { user: [1] }, olderThan: '1h' }
  const limits = limitsOf(settingsOf({ protect: { ...protect, atMost: 5 } }))
  expect(limits).toMatchObject({ spared: { types: ['country'], ids: { user: [1] } }, limit: 5 })
  expect(Math.abs(Date.now() - 3_600_000 - (limits.after ?? 0))).toBeLessThan(60_000)
  expect(limitsOf(settingsOf({ protect: { atMost: 5 }, environment: 'production' }))).toEqual({
    spared: { types: [], ids: {} },
    limit: 0,
  })
})
