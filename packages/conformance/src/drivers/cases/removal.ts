/** Cases: exactly what a test created is removed. */
import assert from 'node:assert/strict'
import { track } from '@dustpan/core'
import type { Json } from '@dustpan/core/driver'
import type { DriverCase } from '../case.ts'
import { connectTo, openDriver, removalContext, storeOf, targetsOf } from '../driver.ts'

export const removal: readonly DriverCase[] = [
  {
    name: 'remove',
    contract: 'resources that a test created are removed, and no others',
    async run({ begin, place, before, subject }) {
      const { test, client, states, resources } = await begin()
      let keys: readonly Json[] = []
      const report = await test(async () => {
        keys = [...(await client.create(3)), ...(await client.create(1))]
      })
      assert.deepEqual(states(), { removed: 4 })
      assert.equal(report?.totals.removed, 4)
      assert.deepEqual(new Set(resources().map(({ key }) => key)), new Set(keys))
      assert.ok(resources().every(({ set }) => set.type === subject.kind))
      assert.deepEqual(await place.list(), before)
    },
  },
  {
    name: 'already gone',
    contract: 'resources that somebody else removed are reported as already gone',
    async run({ begin, place, before, stranger }) {
      const { test, client, states } = await begin()
      await test(async () => {
        const keys = await client.create(3)
        await stranger.remove(keys.slice(0, 1))
      })
      assert.deepEqual(states(), { 'already-gone': 1, removed: 2 })
      assert.deepEqual(await place.list(), before)
    },
  },
  {
    name: 'removed by the test',
    contract: 'resources that the test removed itself are no longer due',
    async run({ begin, place, before }) {
      const { test, client, states } = await begin()
      await test(async () => {
        const keys = await client.create(3)
        await client.remove(keys.slice(0, 1))
      })
      const { gone = 0, 'already-gone': found = 0, ...others } = states()
      assert.deepEqual([gone + found, others], [1, { removed: 2 }])
      assert.deepEqual(await place.list(), before)
    },
  },
  {
    name: 'tracked by hand',
    contract: 'track() with the driver’s own removal has the same effect as capturing',
    async run({ begin, place, before, stranger, seeds, subject }) {
      const { test, states } = await begin()
      const ids = await stranger.create(2)
      await test(async () => {
        track({ type: subject.kind, ids, remove: { ...place.remove, store: 'main' } })
      })
      assert.deepEqual(states(), { removed: 2 })
      assert.deepEqual(await place.list(), before)
      assert.equal(seeds.length, 2)
    },
  },
  {
    name: 'dependents of its own',
    contract: 'dependents that the test created too are removed first',
    async run({ begin, place, before, need }) {
      const { test, client, states } = await begin()
      const createDependent = need(client.createDependent, 'createDependent()')
      await test(async () => {
        for (const key of await client.create(3)) await createDependent(key)
      })
      assert.deepEqual(states(), { removed: 6 })
      assert.deepEqual(await place.list(), before)
    },
  },
  {
    name: '10,001 things',
    contract: 'more resources than fit into one batch are removed',
    async run({ begin, place, before }) {
      const { test, client, states } = await begin({ cleanup: { timeout: '90s' } })
      await test(() => client.create(10_001))
      assert.deepEqual(states(), { removed: 10_001 })
      assert.deepEqual(await place.list(), before)
    },
  },
  {
    name: 'partial failure',
    contract: 'a resource that cannot be removed stops no other, and is removed once it can be',
    async run({ begin, place, before, need, until }) {
      const resist = need(place.resist, 'resist()')
      const { test, client, states, resources, end } = await begin()
      let release: (() => Promise<void>) | undefined
      await test(async () => {
        const [first = null] = await client.create(4)
        release = until(await resist(first))
      })
      assert.deepEqual(states(), { failed: 1, removed: 3 })
      const failed = resources().find(({ state }) => state === 'failed')
      assert.equal(failed?.error?.code, 'DUSTPAN_REMOVAL_FAILED')
      assert.equal((await place.list()).length, before.length + 1)
      await release?.()
      await end()
      assert.deepEqual(states(), { removed: 4 })
      assert.deepEqual(await place.list(), before)
    },
  },
  {
    name: 'survives its removal',
    contract: 'reading back detects a resource that is still there',
    async run({ begin, place, before, need, keep }) {
      const survive = need(place.survive, 'survive()')
      const { test, client, states, resources } = await begin({ cleanup: { verify: 'read-back' } })
      await test(async () => {
        const [first = null] = await client.create(3)
        keep(await survive(first))
      })
      assert.deepEqual(states(), { failed: 1, removed: 2 })
      assert.equal(resources().find(({ state }) => state === 'failed')?.error?.code, 'DUSTPAN_STILL_THERE')
      assert.equal((await place.list()).length, before.length + 1)
    },
  },
  {
    name: 'probe',
    contract: 'it tells which resources exist',
    async run({ begin, place, subject, stranger, keep }) {
      const run = await begin({ cleanup: { strategy: 'manual' } })
      await run.test(() => run.client.create(3))
      const [first, ...others] = run.resources()
      assert.ok(first)
      await stranger.remove([first.key])
      const driver = await openDriver(subject.use, 'main', place.options, run.folder)
      const connection = keep(await connectTo(driver, storeOf(run.resources())))
      assert.ok(connection.probe, 'the driver has no probe()')
      const found = await connection.probe(targetsOf(run.resources()), removalContext())
      assert.deepEqual(
        [found.get(first.id), ...others.map(({ id }) => found.get(id))],
        ['absent', 'present', 'present'],
      )
    },
  },
]
