/** Cases: resources that are not provably the test's stay, whatever their names. */
import assert from 'node:assert/strict'
import type { DriverCase } from '../case.ts'
import { removeElsewhere } from '../elsewhere.ts'

export const refusals: readonly DriverCase[] = [
  {
    name: 'dependents of a stranger',
    contract: 'a resource that a stranger’s depends on is kept, and so is the stranger’s',
    async run({ begin, place, before, stranger, need }) {
      const createDependent = need(stranger.createDependent, 'createDependent()')
      const { test, client, states, resources } = await begin()
      let kept: unknown
      await test(async () => {
        const [first = null] = await client.create(3)
        await createDependent(first)
        kept = first
      })
      assert.deepEqual(states(), { refused: 1, removed: 2 })
      const refused = resources().find(({ state }) => state === 'refused')
      assert.deepEqual([refused?.key, refused?.why], [kept, 'has-dependents'])
      assert.equal((await place.list()).length, before.length + 2)
    },
  },
  {
    name: 'dependents of a stranger, given to the test’s own',
    contract: 'an existing resource that a test pointed to its own is kept, and so is the test’s own',
    async run({ begin, place, stranger, seeds, need }) {
      const [seed = null] = seeds
      await need(stranger.createDependent, 'createDependent()')(seed)
      const before = await place.list()
      const { test, client, states, resources } = await begin()
      const repoint = need(client.repoint, 'repoint()')
      let kept: unknown
      await test(async () => {
        const [own = null] = await client.create(2)
        await repoint(seed, own)
        kept = own
      })
      assert.deepEqual(states(), { refused: 1, removed: 1 })
      assert.deepEqual(resources().find(({ state }) => state === 'refused')?.key, kept)
      assert.equal((await place.list()).length, before.length + 1)
    },
  },
  {
    name: 'key reused',
    contract: 'a resource that a stranger created with the same key, in the emptied store, is kept',
    async run({ begin, place, need }) {
      const empty = need(place.empty, 'empty()')
      const { test, client, resources } = await begin()
      let after: readonly string[] = []
      await test(async () => {
        const [first = null] = await client.create(2)
        await empty()
        const other = await place.client({ unseen: true })
        await other.createAs(first)
        await other[Symbol.asyncDispose]()
        after = await place.list()
      })
      assert.equal(after.length, 1)
      assert.deepEqual(await place.list(), after)
      assert.deepEqual(
        resources().map(({ state, why }) => why ?? state),
        ['not-ours', 'already-gone'],
      )
    },
  },
  {
    name: 'store replaced',
    contract: 'another store at the same address is left alone',
    async run({ begin, place, need }) {
      const replace = need(place.replace, 'replace()')
      const { test, client, resources } = await begin()
      let after: readonly string[] = []
      await test(async () => {
        const [first = null] = await client.create(2)
        await replace()
        const other = await place.client({ unseen: true })
        await other.createAs(first)
        await other[Symbol.asyncDispose]()
        after = await place.list()
      })
      assert.deepEqual(await place.list(), after)
      const [taken, other] = resources()
      // Gone: where the server itself says that the first store no longer exists.
      const isRefused = ['DUSTPAN_WRONG_STORE', 'DUSTPAN_NOT_OURS'].includes(taken?.error?.code ?? '')
      assert.ok(isRefused || taken?.state === 'already-gone', taken?.state)
      assert.notEqual(other?.state, 'removed')
    },
  },
  {
    name: 'configuration leads elsewhere',
    contract: 'resources are removed where they were created, or not at all',
    async run({ begin, place, before, anotherPlace, driver }) {
      const other = await anotherPlace()
      const run = await begin({ cleanup: { strategy: 'manual' } })
      await run.test(() => run.client.create(2))
      const stranger = await other.client({ unseen: true })
      for (const { key } of run.resources()) await stranger.createAs(key)
      await stranger[Symbol.asyncDispose]()
      const elsewhere = await other.list()
      run.configure({ drivers: [driver('main', other.options)] })
      const [outcomes = []] = await removeElsewhere(run)
      assert.deepEqual(await other.list(), elsewhere)
      const here = await place.list()
      const isGone = here.length === before.length
      assert.ok(
        outcomes.every(({ state }) => (state === 'removed') === isGone),
        `${here.length - before.length} of two are there, and said to be ${outcomes.map(({ state }) => state)}`,
      )
    },
  },
  {
    name: 'two instances',
    contract: 'of two stores with the same kind and key, the right one is cleaned, also by another process',
    async run({ begin, place, anotherPlace, driver }) {
      const other = await anotherPlace()
      const drivers = [driver('main', place.options), driver('other', other.options)]
      const run = await begin({ drivers, cleanup: { strategy: 'manual' } })
      const client = await other.client()
      const stranger = await place.client({ unseen: true })
      const [key = null] = await stranger.create(1)
      await stranger[Symbol.asyncDispose]()
      const [here, there] = [await place.list(), await other.list()]
      await run.test(() => client.createAs(key))
      await client[Symbol.asyncDispose]()
      assert.deepEqual(
        run.resources().map(({ set }) => set.store.driver),
        ['other'],
      )
      const [outcomes = []] = await removeElsewhere(run)
      assert.deepEqual(
        outcomes.map(({ state }) => state),
        ['removed'],
      )
      assert.deepEqual([await place.list(), await other.list()], [here, there])
    },
  },
  {
    name: 'held by open work',
    contract: 'a resource that somebody’s open transaction locks is removed once that is over',
    async run({ begin, place, before, need, until }) {
      const hold = need(place.hold, 'hold()')
      const { openTest, client, states, end } = await begin()
      const scope = openTest('held')
      const release = await scope.run(async () => {
        const [first = null] = await client.create(3)
        return until(await hold(first))
      })
      await scope.close('passed', { willRetry: false, deadlineMs: 4_000 })
      const { pending = 0, removed = 0 } = states()
      assert.ok(pending >= 1 && pending + removed === 3, JSON.stringify(states()))
      await release()
      await end()
      assert.deepEqual(states(), { removed: 3 })
      assert.deepEqual(await place.list(), before)
    },
  },
]
