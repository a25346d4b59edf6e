/** What was removed comes back with its type and its time, and overwrites nothing. */

import { removalContext } from '@dustpan/conformance/drivers/driver'
import { describeOn } from '@dustpan/conformance/servers/describe-on'
import type { Json } from '@dustpan/core/driver'
import { beforeAll, beforeEach, expect, test } from 'vitest'
import { connected, open, target } from '../harness.ts'

describeOn('redis', 'backup', (server) => {
  let url: string
  let redis: Awaited<ReturnType<typeof open>>

  beforeAll(async () => {
    url = await server.database()
    redis = await open(url)
  })
  beforeEach(async () => void (await redis.send('FLUSHDB')))

  const plain = { proof: { strength: 'key-only' } } as const

  test('each type comes back as it was', async () => {
    await redis.send('SET', 'text', 'v')
    await redis.send('HSET', 'hash', 'f', 'v')
    await redis.send('XADD', 'stream', '1-1', 'f', 'v')
    const targets = ['text', 'hash', 'stream', 'nothing'].map((key) => target(key, plain))
    await using connection = await connected(url)
    const found = await connection.backup?.(targets, removalContext())
    expect([...(found?.keys() ?? [])]).toEqual(['"text"', '"hash"', '"stream"'])
    await connection.remove(targets, removalContext())
    const backups = targets.slice(0, 3).map((one) => ({ target: one, backup: found?.get(one.id) ?? null }))
    const back = await connection.putBack?.(JSON.parse(JSON.stringify(backups)), removalContext())
    expect([...(back?.values() ?? [])]).toEqual(Array(3).fill({ state: 'restored', result: '1 key' }))
    expect(String(await redis.send('HGET', 'hash', 'f'))).toBe('v')
    expect(await redis.send('XLEN', 'stream')).toBe(1)
    expect(await redis.send('PTTL', 'text')).toBe(-1)
  })

  test('a time to live goes on from where it was; one that is over does not come back', async () => {
    await redis.send('SET', 'a', 'v', 'PX', '5000000')
    const at = await redis.send('PEXPIRETIME', 'a')
    await using connection = await connected(url)
    const found = await connection.backup?.([target('a')], removalContext())
    const backup = found?.get('"a"') as { dump: string; expires: number }
    await redis.send('DEL', 'a')
    await connection.putBack?.([{ target: target('a'), backup: { ...backup } }], removalContext())
    expect(Math.abs(Number(await redis.send('PEXPIRETIME', 'a')) - Number(at))).toBeLessThan(1000)
    await redis.send('DEL', 'a')
    const over = await connection.putBack?.(
      [{ target: target('a'), backup: { ...backup, expires: 1 } }],
      removalContext(),
    )
    expect(over?.get('"a"')).toMatchObject({ state: 'failed', error: { code: 'DUSTPAN_RESTORE_FAILED' } })
    expect(await redis.send('EXISTS', 'a')).toBe(0)
  })

  test('what has taken the key since stays', async () => {
    await redis.send('SET', 'a', 'old')
    await using connection = await connected(url)
    const found = await connection.backup?.([target('a')], removalContext())
    await redis.send('SET', 'a', 'new')
    const back = await connection.putBack?.(
      [{ target: target('a'), backup: (found?.get('"a"') ?? null) as Json }],
      removalContext(),
    )
    expect(back?.get('"a"')).toMatchObject({ state: 'failed', error: { code: 'DUSTPAN_RESTORE_FAILED' } })
    expect(String(await redis.send('GET', 'a'))).toBe('new')
  })
})
