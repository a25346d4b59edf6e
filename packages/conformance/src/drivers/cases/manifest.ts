/** Cases that test each claim of the driver's manifest. */
import assert from 'node:assert/strict'
import type { StoreConnection } from '@dustpan/core/driver'
import type { DriverCase } from '../case.ts'
import { connectTo, openDriver, removalContext, storeOf, targetsOf } from '../driver.ts'
import type { World } from '../world.ts'

export const manifest: readonly DriverCase[] = [
  {
    name: 'manifest: transactions',
    contract: 'it says whether the store has transactions',
    async run(world) {
      const { capabilities } = await recorded(world, 1)
      const client = world.keep(await world.place.client())
      assert.equal(capabilities.transactions, client.begin !== undefined)
    },
  },
  {
    name: 'manifest: verification',
    contract: 'it says whether the driver can probe resources',
    async run(world) {
      const { capabilities, connection } = await recorded(world, 1)
      assert.equal(capabilities.verify !== 'none', connection.probe !== undefined)
    },
  },
  {
    name: 'manifest: proof',
    contract: 'it says how strong the recorded proof is',
    async run(world) {
      const { capabilities, resources } = await recorded(world, 1)
      assert.equal(resources[0]?.set.proof.strength, capabilities.proof)
    },
  },
  {
    name: 'manifest: largest batch',
    contract: 'one call removes as many resources as it says',
    async run(world) {
      const { capabilities, connection, resources } = await recorded(world, undefined)
      const outcomes = await connection.remove(targetsOf(resources), removalContext())
      assert.equal(resources.length, Math.min(capabilities.maxBatch, 10_000))
      assert.ok([...outcomes.values()].every(({ state }) => state === 'removed'))
      assert.deepEqual(await world.place.list(), world.before)
    },
  },
  {
    name: 'manifest: atomic batch',
    contract: 'if it says so, a batch is removed as a whole or not at all',
    async run(world) {
      const { capabilities, connection, resources } = await recorded(world, 3)
      if (!capabilities.atomicBatch) return
      const full = await world.place.list()
      world.keep(await world.need(world.place.resist, 'resist()')(resources[0]?.key ?? null))
      const outcomes = await connection.remove(targetsOf(resources), removalContext({ atomic: true }))
      assert.ok([...outcomes.values()].every(({ state }) => state === 'failed'))
      assert.deepEqual(await world.place.list(), full)
    },
  },
  {
    name: 'manifest: concurrency',
    contract: 'as many concurrent calls as it says do no harm',
    async run(world) {
      const { capabilities, connection, resources } = await recorded(world, 20)
      const targets = targetsOf(resources)
      const width = Math.min(capabilities.concurrency, 4)
      const parts = Array.from({ length: width }, (_, part) => targets.filter((_, at) => at % width === part))
      const outcomes = await Promise.all(parts.map((part) => connection.remove(part, removalContext())))
      assert.ok(outcomes.flatMap((one) => [...one.values()]).every(({ state }) => state === 'removed'))
      assert.deepEqual(await world.place.list(), world.before)
    },
  },
  {
    name: 'manifest: intent',
    contract: 'intents are on disk at the moment that it says',
    run: intent,
    proxied: 'where there is an address',
  },
]

/** Records `count` resources (undefined: the largest batch), and opens a connection for their removal. */
async function recorded({ begin, subject, place, keep }: World, count: number | undefined) {
  const run = await begin({ cleanup: { strategy: 'manual' } })
  const driver = await openDriver(subject.use, 'main', place.options, run.folder)
  const { capabilities } = driver
  await run.test(() => run.client.create(count ?? Math.min(capabilities.maxBatch, 10_000)))
  const resources = run.resources()
  const connection: StoreConnection = keep(await connectTo(driver, storeOf(resources)))
  return { capabilities, connection, resources }
}

/** Checks the claim about intents while the server does not respond; without a server, by the order of intent and fact. */
async function intent(world: World): Promise<void> {
  const { begin, subject, place, server } = world
  const run = await begin()
  const { capabilities } = await openDriver(subject.use, 'main', place.options, run.folder)
  const announced = () => run.written().includes('"create.intended"')
  if (server.address === undefined) {
    await run.test(() => run.client.create(1))
    const text = run.written()
    const isBefore = announced() && text.indexOf('"create.intended"') < text.indexOf('"created"')
    assert.equal(isBefore, capabilities.intent === 'before')
    return
  }
  const { proxy } = world
  const scope = run.openTest('announces')
  await scope.run(() => run.client.create(1))
  await scope.close('passed', { willRetry: false })
  const known = run.written().split('"create.intended"').length
  const next = run.openTest('waits for an answer')
  proxy.stop()
  const piece = proxy.piece()
  const creation = next.run(() => run.client.create(1))
  creation.catch(() => {})
  await piece
  const isThere = run.written().split('"create.intended"').length > known
  proxy.mend()
  await creation
  await next.close('passed', { willRetry: false })
  if (capabilities.intent !== 'concurrent') assert.equal(isThere, capabilities.intent === 'before')
}
