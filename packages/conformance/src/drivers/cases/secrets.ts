/** Cases: passwords and resource contents appear nowhere outside the store. */
import assert from 'node:assert/strict'
import { renderText } from '@dustpan/core/ledger'
import type { DriverCase } from '../case.ts'
import { removeElsewhere } from '../elsewhere.ts'
import { assertNoSecrets } from './connections.ts'

const content = 'what-a-thing-holds-51c7'

export const secrets: readonly DriverCase[] = [
  {
    name: 'no secrets',
    contract: 'passwords and contents of resources appear in no record, report or message',
    async run(world) {
      const { begin, place, server, keep } = world
      assert.ok(!server.address || server.secrets.length > 0, 'the subject has no secrets to look for')
      const run = await begin()
      await run.test(async () => {
        const [first = null] = await run.client.create(3, content)
        if (place.resist) keep(await place.resist(first))
      })
      await run.test(() => run.client.create(1, content), 'failed')
      const outcomes = await removeElsewhere(run)
      const report = await run.end()
      const text = report ? renderText(report) : ''
      const all = `${run.written()}${JSON.stringify(outcomes)}${JSON.stringify(report)}${text}`
      assert.ok(all.includes('created'))
      assertNoSecrets({ server: { ...server, secrets: [...server.secrets, content] } }, all)
    },
  },
]
