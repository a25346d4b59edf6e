/** Resolves commands whose process died before the reply. */
import { removalContext } from '@dustpan/conformance/drivers/driver'
import { describeOn } from '@dustpan/conformance/servers/describe-on'
import { beforeAll, beforeEach, expect, test } from 'vitest'
import { connected, open } from '../harness.ts'

const run = '20261121-051207-k3f9x2'
const kinds = { fixture: { pattern: 'fixture:*', run: 'fixture:{run}*' }, session: { pattern: 'session:*' } }

describeOn('redis', 'resolve', (server) => {
  let url: string
  let redis: Awaited<ReturnType<typeof open>>

  beforeAll(async () => {
    url = await server.database()
    redis = await open(url)
  })
  beforeEach(async () => void (await redis.send('FLUSHDB')))

  async function resolve(type: string, known: readonly string[] = []) {
    await using connection = await connected(url, { kinds, ignoreKeys: ['fixture:*:lock'] })
    const intent = { intent: 'a-1', store: { driver: 'cache', id: url }, type, via: 'SET', dead: true } as const
    const request = {
      ...{ intents: [intent], run, columns: { run: '', createdByTest: '', createdAt: '' } },
      isKnown: (_type: string, key: unknown) => known.includes(String(key)),
    }
    return await connection.resolve?.(request as never, removalContext())
  }

  test('keys whose name contains the run id are found, except for those on record', async () => {
    await redis.send('MSET', `fixture:${run}:a`, '1', `fixture:${run}:b`, '2', `fixture:${run}:lock`, '3', 'seed', '4')
    const resolved = await resolve('fixture', [`fixture:${run}:b`])
    expect(resolved?.found.get('fixture')).toEqual([
      {
        ...{ type: 'fixture', keys: [`fixture:${run}:a`], proof: { marker: run, strength: 'exact' } },
        steps: [{ driver: '$driver', op: 'delete-key', v: 1, args: {} }],
      },
    ])
  })

  test('keys whose run id only starts with the id of the run are not found', async () => {
    await redis.send('MSET', `fixture:${run}9`, '1', `fixture:${run}-2:a`, '2')
    expect((await resolve('fixture'))?.found.get('fixture')).toEqual([])
  })

  test('an intent of a kind without a run pattern is not resolved', async () => {
    await redis.send('SET', `session:${run}:a`, '1')
    expect(await resolve('session')).toEqual({ ends: new Map(), found: new Map() })
  })
})
