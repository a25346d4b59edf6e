/** Cases: any process can remove resources by the ledger alone, and two processes at once do no harm. */
import assert from 'node:assert/strict'
import type { DriverCase } from '../case.ts'
import { removeElsewhere } from '../elsewhere.ts'

export const processes: readonly DriverCase[] = [
  {
    name: 'removed by another process',
    contract: 'the ledger and the configuration are sufficient',
    async run({ begin, place, before }) {
      const run = await begin({ cleanup: { strategy: 'manual' } })
      await run.test(() => run.client.create(3))
      const [outcomes = []] = await removeElsewhere(run)
      assert.deepEqual(
        outcomes.map(({ state }) => state),
        ['removed', 'removed', 'removed'],
      )
      assert.deepEqual(await place.list(), before)
    },
  },
  {
    name: 'removed by two processes at once',
    contract: 'nothing fails, and everything is removed',
    async run({ begin, place, before }) {
      const run = await begin({ cleanup: { strategy: 'manual' } })
      await run.test(() => run.client.create(500))
      const [one = [], other = []] = await removeElsewhere(run, 2)
      const unwanted = [...one, ...other].filter(({ state }) => state !== 'removed' && state !== 'already-gone')
      assert.deepEqual(unwanted.slice(0, 3), [])
      assert.ok(one.every(({ state }, at) => state === 'removed' || other[at]?.state === 'removed'))
      assert.deepEqual(await place.list(), before)
    },
  },
]
