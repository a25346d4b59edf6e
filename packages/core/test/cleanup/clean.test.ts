import { expect, test } from 'vitest'
import { pipeline } from '../pipeline.ts'
import { nameOf, removal, scriptedStore } from '../scripted-store.ts'

test('children are removed before their parents, whatever the order of creation', async () => {
  const { create, clean, store } = pipeline(scriptedStore())
  const user = create('user', 1)
  create('order', 2, { parent: user })
  create('user', 3)
  expect(await clean()).toEqual({ 'user 1': 'removed', 'order 2': 'removed', 'user 3': 'removed' })
  expect(store.calls).toEqual(['connect', 'remove order 2, user 3, user 1'])
})

test('relations are queried once per group of resources with the same steps', async () => {
  const { create, clean, store } = pipeline(scriptedStore())
  const [users, orders] = [[removal('user')], [removal('order')]]
  const user = create('user', 1, { steps: users })
  create('user', 2, { steps: users })
  create('order', 3, { steps: orders, parent: user })
  create('order', 4, { steps: orders })
  const asked: string[] = []
  store.script.relate = (targets) => asked.push(targets.map(nameOf).join(', '))
  await clean()
  expect(asked).toEqual(['user 1, order 3'])
  expect(store.calls).toEqual(['connect', 'remove order 4, order 3, user 2, user 1'])
})

test('unrecorded children newer than their parent are recorded and removed, at any depth', async () => {
  const { create, clean, store } = pipeline(scriptedStore())
  create('user', 1)
  store.rows.set('order 2', { parent: 'user 1', afterParent: true })
  store.rows.set('item 3', { parent: 'order 2', afterParent: true })
  expect(await clean()).toEqual({ 'user 1': 'removed', 'order 2': 'removed', 'item 3': 'removed' })
  expect(store.calls).toEqual(['connect', 'remove user 1', 'remove item 3', 'remove order 2', 'remove user 1'])
})

test('a child that is not proven to be the test’s keeps its parent: refused with has-dependents', async () => {
  const { create, clean, store } = pipeline(scriptedStore())
  const user = create('user', 1)
  store.rows.set('order 2', { parent: 'user 1' })
  expect(await clean()).toEqual({ 'user 1': 'refused' })
  expect(user).toMatchObject({ why: 'has-dependents', dependents: [{ type: 'order', key: '2' }] })
  expect([...store.rows.keys()]).toEqual(['user 1', 'order 2'])
})

test('a child that another test recorded keeps its parent', async () => {
  const { create, clean, store } = pipeline(scriptedStore())
  const user = create('user', 1)
  create('order', 2, { parent: user })
  store.rows.set('order 2', { parent: 'user 1', afterParent: true })
  expect(await clean([user])).toEqual({ 'user 1': 'refused', 'order 2': 'live' })
})

test('a resource that a kept resource depends on is kept, at any depth', async () => {
  const { create, clean, events } = pipeline(scriptedStore())
  const team = create('team', 1)
  const user = create('user', 2, { parent: team })
  const order = create('order', 3, { parent: user })
  order.state = 'kept'
  expect(await clean([team, user])).toEqual({ 'team 1': 'kept', 'user 2': 'kept', 'order 3': 'kept' })
  expect(user).toMatchObject({ why: 'something kept depends on it' })
  expect(user.error).toBeUndefined()
  expect(events.filter(({ e }) => e === 'kept')).toHaveLength(2)
})

test('a parent of a kept child and a foreign row is refused', async () => {
  const { create, clean, store } = pipeline(scriptedStore())
  const user = create('user', 1)
  create('order', 2, { parent: user }).state = 'kept'
  store.rows.set('order 9', { parent: 'user 1' })
  expect(await clean([user])).toEqual({ 'user 1': 'refused', 'order 2': 'kept' })
})

test('a parent refused for a child that is removed later in the same cleanup is retried', async () => {
  const { create, clean, store } = pipeline(scriptedStore())
  store.script.relate = () => {
    throw new Error('the store cannot say how its rows hang together')
  }
  const order = create('order', 1)
  const user = create('user', 2)
  store.rows.set('order 1', { parent: 'user 2' })
  expect(await clean()).toEqual({ 'order 1': 'removed', 'user 2': 'removed' })
  expect(store.calls.filter((call) => call.startsWith('remove'))).toEqual([
    'remove user 2',
    'remove order 1',
    'remove user 2',
  ])
  expect([order.attempts, user.attempts]).toEqual([1, 2])
})

test.each(['shared', 'audit', 'removed', 'gone', 'lost'] as const)(
  'a resource that is %s is left alone',
  async (state) => {
    const { create, clean, store } = pipeline(scriptedStore())
    create('user', 1).state = state
    expect(await clean()).toEqual({ 'user 1': state })
    expect(store.calls).toEqual([])
  },
)
