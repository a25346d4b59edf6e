/** Cases: resources backed up before removal are restored as they were. */
import assert from 'node:assert/strict'
import type { Run } from '../../run/run.ts'
import type { DriverCase } from '../case.ts'
import { restoreElsewhere } from '../elsewhere.ts'
import type { World } from '../world.ts'

export const backup: readonly DriverCase[] = [
  {
    name: 'backup put back',
    contract: 'removed resources are restored as they were, also by another process',
    async run(world) {
      const { run, full } = await removed(world)
      const restored = await restoreElsewhere(run)
      assert.deepEqual(
        [...restored.values()].map(({ state }) => state),
        ['restored', 'restored', 'restored'],
      )
      assert.deepEqual(await world.place.list(), full)
    },
  },
  {
    name: 'backup, key taken since',
    contract: 'a resource that a stranger created since is not overwritten',
    async run(world) {
      const { run } = await removed(world)
      const [first, ...others] = run.resources()
      assert.ok(first)
      await world.stranger.createAs(first.key)
      const before = await world.place.list()
      const restored = await restoreElsewhere(run)
      assert.equal(restored.get(first.id)?.state, 'failed')
      assert.ok(others.every(({ id }) => restored.get(id)?.state === 'restored'))
      const after = await world.place.list()
      assert.deepEqual(
        before.filter((line) => !after.includes(line)),
        [],
      )
      assert.equal(after.length, before.length + others.length)
    },
  },
]

/** Removes a test's three resources with a backup; `full` lists the place before the removal. */
async function removed({ begin, place, before }: World): Promise<{ run: Run; full: readonly string[] }> {
  const run = await begin({ cleanup: { backup: true } })
  let full: readonly string[] = []
  await run.test(async () => {
    await run.client.create(3, `it's "quoted" \\ 😀`)
    full = await place.list()
  })
  assert.deepEqual(run.states(), { removed: 3 })
  assert.deepEqual(await place.list(), before)
  await run.end()
  return { run, full }
}
