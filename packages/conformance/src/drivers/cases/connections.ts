/** Cases with unreachable, slow, strict or forbidden servers: nothing hangs, no record is lost, and the message helps. */
import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { track } from '@dustpan/core'
import type { Resource } from '@dustpan/core/ledger'
import type { DriverCase } from '../case.ts'
import { connectElsewhere } from '../elsewhere.ts'
import type { Address, Options } from '../subject.ts'
import type { World } from '../world.ts'

/** More chunks than a removal sends. */
const maxPieces = 40

export const connections: readonly DriverCase[] = [
  {
    name: 'connection lost half-way',
    contract: 'at whatever moment it breaks, everything is removed once it is back',
    proxied: true,
    async run({ begin, place, before, proxy, keep }) {
      const { test, states } = await begin({ cleanup: { retry: { attempts: 5, delay: '10ms' } } })
      for (const delivered of [true, false]) {
        for (let pieces = 1; pieces < maxPieces; pieces++) {
          const client = keep(await place.client())
          await test(async () => {
            await client.create(5)
            proxy.cutAfter(pieces, delivered)
          })
          const { removed = 0, 'already-gone': gone = 0, ...others } = states()
          assert.deepEqual(others, {}, `cut after ${pieces} pieces, the last ${delivered ? '' : 'not '}delivered`)
          assert.deepEqual(await place.list(), before)
          assert.ok(removed + gone > 0)
          if (proxy.isArmed) break
          proxy.mend()
        }
        proxy.mend()
      }
    },
  },
  {
    name: 'server away and back',
    contract: 'resources that could not be removed are removed at the end of the run',
    proxied: true,
    async run({ begin, place, before, proxy }) {
      const { test, client, resources, states, end } = await begin()
      await test(async () => {
        await client.create(3)
        proxy.cut()
      })
      assert.deepEqual(waiting(resources()), 3, JSON.stringify(states()))
      assert.equal((await place.list()).length, before.length + 3)
      proxy.mend()
      await end()
      assert.deepEqual(states(), { removed: 3 })
      assert.deepEqual(await place.list(), before)
    },
  },
  {
    name: 'server does not answer',
    contract: 'cleanup keeps to its time limit, and the rest is removed later',
    proxied: true,
    async run({ begin, place, before, proxy, keep }) {
      const { openTest, resources, states, end } = await begin({ cleanup: { timeout: '5s' } })
      const client = keep(await place.client())
      const scope = openTest('slow')
      await scope.run(async () => {
        await client.create(3)
        proxy.stop()
      })
      await scope.close('passed', { willRetry: false, deadlineMs: 1_500 })
      assert.deepEqual(waiting(resources()), 3, JSON.stringify(states()))
      proxy.mend()
      await end()
      const { removed = 0, 'already-gone': gone = 0 } = states()
      assert.equal(removed + gone, 3, JSON.stringify(states()))
      assert.deepEqual(await place.list(), before)
    },
  },
  {
    name: 'server down',
    contract: 'the message names the address, and the record is kept',
    async run(world) {
      world.need(world.server.address, 'address')
      const at = await closedAddress()
      const place = world.keep(await world.server.place({ at }))
      const [one] = await refusedBy(world, place.options, place.remove)
      assert.equal(one?.error?.code, 'DUSTPAN_STORE_UNREACHABLE')
      assert.match(one?.error?.message ?? '', new RegExp(String(at.port)))
    },
  },
  {
    name: 'wrong credentials',
    contract: 'the message says what to do, without the credentials, and the record is kept',
    async run(world) {
      const { wrongCredentials } = world.place
      const [one] = await refusedBy(world, world.need(wrongCredentials, 'wrongCredentials'), world.place.remove)
      assert.equal(one?.error?.code, 'DUSTPAN_STORE_UNREACHABLE')
      assertNoSecrets(world, JSON.stringify(one))
      assert.ok((one?.error?.hint ?? '') !== '', 'no hint says what to do')
    },
  },
  {
    name: 'permission denied',
    contract: 'the removal fails, and the record is kept',
    async run(world) {
      const { begin, place, before, need, driver } = world
      const powerless = await need(place.powerless, 'powerless()')()
      const { test, client, states, resources } = await begin({ drivers: [driver('main', powerless)] })
      await test(() => client.create(2))
      assert.deepEqual(states(), { failed: 2 })
      const [one] = resources()
      assert.equal(one?.error?.code, 'DUSTPAN_REMOVAL_FAILED')
      assertNoSecrets(world, JSON.stringify(one))
      assert.equal((await place.list()).length, before.length + 2)
    },
  },
  {
    name: 'read-only',
    contract: 'the record is kept, and its resources are removed once the store accepts changes',
    async run({ begin, place, before, need, until }) {
      const readOnly = need(place.readOnly, 'readOnly()')
      const { test, client, states, resources, end } = await begin()
      let release: (() => Promise<void>) | undefined
      await test(async () => {
        await client.create(2)
        release = until(await readOnly())
      })
      assert.deepEqual(waiting(resources()), 2, JSON.stringify(states()))
      await release?.()
      await end()
      assert.deepEqual(states(), { removed: 2 })
      assert.deepEqual(await place.list(), before)
    },
  },
  {
    name: 'library missing',
    contract: 'the message names the package and its range, and how to install it',
    run: (world) => withoutLibrary(world, undefined),
  },
  {
    name: 'library of an unsupported version',
    contract: 'the message names the version and the range, and how to install another',
    run: (world) => withoutLibrary(world, '0.0.7'),
  },
]

/** The number of resources that are still due. */
const waiting = (resources: readonly Resource[]): number =>
  resources.filter(({ state }) => state === 'pending' || state === 'failed').length

/** Tracks a seed by hand, in a store that refuses Dustpan's connection, and returns its record. */
async function refusedBy(
  { begin, seeds, subject, driver }: World,
  options: Options,
  remove: Options,
): Promise<readonly Resource[]> {
  const { test, resources, states } = await begin({ drivers: [driver('main', options)] })
  await test(async () => {
    track({ type: subject.kind, id: seeds[0] ?? null, remove: { ...remove, store: 'main' } })
  })
  assert.equal(waiting(resources()), 1, JSON.stringify(states()))
  return resources()
}

export function assertNoSecrets({ server }: Pick<World, 'server'>, text: string): void {
  for (const secret of server.secrets)
    assert.ok(secret === '' || !text.includes(secret), `a secret is told: …${text.slice(0, 400)}`)
}

async function withoutLibrary({ begin, subject, need, place }: World, version: string | undefined): Promise<void> {
  const { name, range } = need(subject.library, 'library')
  const { folder } = await begin()
  if (version !== undefined) {
    const library = join(folder, 'node_modules', name)
    mkdirSync(library, { recursive: true })
    writeFileSync(join(library, 'package.json'), JSON.stringify({ name, version, main: 'index.js' }))
    writeFileSync(join(library, 'index.js'), 'module.exports = {}')
  }
  const { code, message, hint } = await connectElsewhere(subject.use, JSON.stringify(place.options), folder, name)
  assert.equal(code, 'DUSTPAN_DRIVER_UNAVAILABLE', message)
  const text = `${message} ${hint}`
  for (const part of [name, range, version ?? '', `npm install`])
    assert.ok(text.includes(part), `${part} is not in: ${text}`)
}

async function closedAddress(): Promise<Address> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return { host: '127.0.0.1', port: typeof address === 'object' && address ? address.port : 0 }
}
