/** Removal by predicate removes only the keys that match, and refuses filters that Redis cannot answer. */

import { removalContext } from '@dustpan/conformance/drivers/driver'
import { describeOn } from '@dustpan/conformance/servers/describe-on'
import type { Predicate, Spared } from '@dustpan/core/driver'
import { beforeAll, beforeEach, expect, test } from 'vitest'
import { connected, open } from '../harness.ts'

const kinds = {
  session: { pattern: 'session:*', owner: 'session:{owner}:*' },
  fixture: { pattern: 'fixture:*', run: 'fixture:{run}:*', tag: 'fixture:*:{tag}' },
}

describeOn('redis', 'by predicate', (server) => {
  let url: string
  let redis: Awaited<ReturnType<typeof open>>

  beforeAll(async () => {
    url = await server.database()
    redis = await open(url)
  })
  beforeEach(async () => {
    await redis.send('FLUSHDB')
    for (const key of [
      'session:1:a',
      'session:1:b',
      'session:10:a',
      'session:*:x',
      'fixture:r1:t',
      'fixture:r2:t',
      'seed',
    ])
      await redis.send('SET', key, '1')
  })

  const none: Spared = { types: [], ids: {} }
  const ask = async (predicate: Predicate, spared = none) => {
    await using connection = await connected(url, { kinds, ignoreKeys: ['fixture:r2:*'] })
    const selection = { predicate, spared }
    const found = await connection.count?.(selection, removalContext())
    const agreed = new Map(found?.kinds.map(({ type, count }) => [type, Number(count)]))
    const gone = await connection.removeWhere?.(selection, agreed, removalContext())
    expect(gone?.kinds.map(({ type, count }) => [type, count])).toEqual(
      found?.kinds.map(({ type, count }) => [type, count]),
    )
    const remaining = (await redis.send('KEYS', '*')) as Buffer[]
    return { kinds: gone?.kinds ?? [], remaining: remaining.map(String).sort() }
  }
  const all = ['fixture:r1:t', 'fixture:r2:t', 'seed', 'session:*:x', 'session:10:a', 'session:1:a', 'session:1:b']
  const without = (...keys: string[]) => all.filter((key) => !keys.includes(key))

  test.each<[string, Predicate, readonly string[]]>([
    ['an owner', { owner: 1 }, ['session:1:a', 'session:1:b']],
    ['an owner whose id looks like a pattern', { owner: '*' }, ['session:*:x']],
    ['a run', { run: 'r1' }, ['fixture:r1:t']],
    ['a run and a tag', { run: 'r2', tag: 't' }, ['fixture:r2:t']],
    ['a tag that no key has', { tag: 'x' }, []],
    ['a kind', { types: ['fixture'] }, ['fixture:r1:t', 'fixture:r2:t']],
    ['a pattern', { types: ['session'], where: { key: '%:a' } }, ['session:1:a', 'session:10:a']],
    ['a reset with ignored keys', { reset: true }, without('fixture:r2:t')],
    ['a reset except for a kind', { reset: true, except: ['sessions'] }, ['seed', 'fixture:r1:t']],
  ])('exactly the keys selected by %s are removed', async (_, predicate, gone) => {
    expect((await ask(predicate)).remaining).toEqual(without(...gone))
  })

  test('DUSTPAN_CONFIG_INVALID: a filter by age is refused for a named kind, and selects no other', async () => {
    expect((await ask({ before: Date.now() })).kinds).toEqual([])
    const {
      kinds: [one],
      remaining,
    } = await ask({ types: ['session'], before: Date.now() })
    expect(one?.error).toMatchObject({
      code: 'DUSTPAN_CONFIG_INVALID',
      message: 'session does not support this filter: Redis does not tell how old a key is.',
    })
    expect(remaining).toEqual(all)
  })

  test('DUSTPAN_PROTECTED: a protected kind is refused, and a protected key is kept', async () => {
    const {
      kinds: [one],
    } = await ask({ owner: 1 }, { types: ['session'], ids: {} })
    expect(one?.error).toMatchObject({ code: 'DUSTPAN_PROTECTED' })
    expect((await ask({ owner: 1 }, { types: [], ids: { session: ['session:1:a'] } })).remaining).toEqual(
      without('session:1:b'),
    )
  })

  test('DUSTPAN_PREDICATE_REFUSED: nothing is removed when more keys match than were counted', async () => {
    await using connection = await connected(url, { kinds })
    const gone = await connection.removeWhere?.(
      { predicate: { owner: 1 }, spared: none },
      new Map([['session', 1]]),
      removalContext(),
    )
    expect(gone?.kinds[0]).toMatchObject({ count: 0, error: { code: 'DUSTPAN_PREDICATE_REFUSED' } })
    const reset = await connection.removeWhere?.(
      { predicate: { reset: true }, spared: none },
      new Map([['key', 6]]),
      removalContext(),
    )
    expect(reset?.kinds[0]).toMatchObject({ count: 0, error: { code: 'DUSTPAN_PREDICATE_REFUSED' } })
    expect(await redis.send('DBSIZE')).toBe(7)
  })

  test('a reset without exceptions empties the database', async () => {
    await using connection = await connected(url)
    const gone = await connection.removeWhere?.(
      { predicate: { reset: true }, spared: none },
      new Map([['key', 7]]),
      removalContext(),
    )
    expect(gone?.kinds).toEqual([{ type: 'key', count: 7, method: 'hard' }])
    expect(await redis.send('DBSIZE')).toBe(0)
  })
})
