/** Cases: everything that a client creates is captured, and the client behaves as without Dustpan. */
import assert from 'node:assert/strict'
import { setImmediate } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import type { Json } from '@dustpan/core/driver'
import type { DriverCase } from '../case.ts'
import type { Form, StoreClient } from '../subject.ts'
import type { World } from '../world.ts'

export const capture: readonly DriverCase[] = [
  {
    name: 'every form',
    contract: 'every way in which the client creates resources is captured',
    run: (world) => eachForm(world, world.place.forms),
  },
  {
    name: 'keys of every type',
    contract: 'resources with keys of every type of the store are recorded so that they are found again',
    run: (world) => eachForm(world, world.place.keyTypes),
  },
  {
    name: 'hostile names and values',
    contract: 'names, keys and values are treated as data',
    run: (world) => eachForm(world, world.place.hostile),
  },
  {
    name: 'rejected creation',
    contract: 'nothing is recorded, and the error is the client’s own',
    async run({ begin, place, before, stranger, seeds }) {
      const { test, client, resources, folded } = await begin()
      const [seed = null] = seeds
      const bare = await errorOf(() => stranger.createAs(seed))
      let seen: unknown
      await test(async () => {
        await client.create(1)
        seen = await errorOf(() => client.createAs(seed))
      })
      assert.deepEqual(seen, bare)
      assert.equal(resources().length, 1)
      assert.equal(folded().intents.size, 0)
      assert.equal((await place.list()).length, before.length)
    },
  },
  {
    name: 'upsert',
    contract: 'an existing resource that is updated does not count as created',
    async run({ begin, place, before, stranger, seeds, need }) {
      const { test, client, resources, states } = await begin()
      const upsert = need(client.upsert, 'upsert()')
      const [free = null] = await stranger.create(1)
      await stranger.remove([free])
      await test(async () => {
        await upsert(seeds[0] ?? null)
        await upsert(free)
      })
      assert.deepEqual(
        resources().map(({ key }) => key),
        [free],
      )
      assert.deepEqual(states(), { removed: 1 })
      assert.equal((await place.list()).length, before.length)
    },
  },
  {
    name: 'deleted and made again',
    contract: 'an existing resource that a test deletes and creates again by its key does not count as created',
    async run({ begin, place, before, seeds }) {
      const { test, client, resources, states } = await begin()
      const [seed = null, other = null] = seeds
      await test(async () => {
        await client.remove([seed])
        await client.createAs(seed)
        const [own = null] = await client.create(1)
        await client.remove([other, own])
        await client.createAs(own)
        await client.createAs(other)
      })
      assert.deepEqual(new Set(resources().map(({ key }) => key)).size, 1)
      assert.deepEqual(states(), { gone: 1, removed: 1 })
      assert.equal((await place.list()).length, before.length)
    },
  },
  {
    name: 'deleted and made again, in every way',
    contract: 'whichever way it is deleted and created again, an existing resource does not count as created',
    async run({ begin, place, before, seeds, need }) {
      const { openTest, resources, client } = await begin()
      const wrong: string[] = []
      for (const { title, remake } of need(place.remakes, 'remakes')) {
        const scope = openTest(title)
        await scope.run(() => remake(client, seeds))
        await scope.close('passed', { willRetry: false })
        const removed = resources().filter((one) => one.scope === scope.id && one.state === 'removed').length
        const now = await place.list()
        if (removed > 0 || !isDeepStrictEqual(now, before)) wrong.push(`${title}: removed ${removed}, left ${now}`)
      }
      assert.deepEqual(wrong, [])
    },
  },
  {
    name: '50 tests on a pool of two',
    contract: 'each resource belongs to the test that created it',
    async run({ begin, place, before, keep }) {
      const { openTest, resources, states } = await begin()
      const client = keep(await place.client({ pool: 2 }))
      const owners = new Map<string, string>()
      const created = (keys: readonly Json[], scope: string) => {
        for (const key of keys) owners.set(JSON.stringify(key), scope)
      }
      const tests = Array.from({ length: 50 }, (_, at) => openTest(`concurrent ${at}`))
      const work = async (scope: string, at: number) => {
        created(await client.create(1 + (at % 3)), scope)
        if (at % 2 === 0) await setImmediate()
        if (at % 5 === 0) created(await inTransaction(client), scope)
        created(await client.create(1), scope)
      }
      await Promise.all(tests.map((scope, at) => scope.run(() => work(scope.id, at))))
      assert.equal(resources().length, owners.size)
      const wrong = resources().filter(({ key, scope }) => owners.get(JSON.stringify(key)) !== scope)
      assert.equal(wrong.length, 0, `${wrong.length} of ${owners.size} belong to another test`)
      await Promise.all(tests.map((scope) => scope.close('passed', { willRetry: false })))
      assert.deepEqual(states(), { removed: owners.size })
      assert.deepEqual(await place.list(), before)
    },
  },
]

/** Runs a test for each form, and reports all failures, so that one does not hide another. */
async function eachForm({ begin, place, before }: World, forms: readonly Form[]): Promise<void> {
  assert.ok(forms.length > 0, 'the subject names none')
  const { openTest, resources, client } = await begin()
  const wrong: string[] = []
  let there = before.length
  for (const form of forms) {
    const scope = openTest(form.title)
    const created = await scope.run(() => form.create(client)).catch((error: unknown) => `the client fails: ${error}`)
    await scope.close('passed', { willRetry: false })
    const recorded = resources().filter((resource) => resource.scope === scope.id)
    const removed = recorded.filter(({ state }) => state === 'removed').length
    const left = (await place.list()).length - there
    there += left
    if (created === recorded.length && removed === recorded.length && left === 0) continue
    const errors = recorded.flatMap(({ error }) => error?.message ?? [])
    wrong.push(
      `${form.title}: created ${created}, recorded ${recorded.length}, removed ${removed}, left ${left} ${errors}`,
    )
  }
  assert.deepEqual(wrong, [])
  assert.deepEqual(await place.list(), before)
}

async function inTransaction(client: StoreClient): Promise<readonly Json[]> {
  const transaction = await client.begin?.()
  const keys = (await transaction?.create(2)) ?? []
  await transaction?.commit()
  return keys
}

async function errorOf(act: () => Promise<unknown>): Promise<unknown> {
  try {
    await act()
    return undefined
  } catch (error) {
    const { name, message, code } = error as Error & { code?: unknown }
    return { name, message, code }
  }
}
