/** Removed keys are restored with their type and time to live, and overwrite nothing. */

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

  test('keys of each type are restored unchanged', async () => {
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

  test('a restored key keeps its expiry time, and an expired one is not restored', async () => {
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

  test('a key that was set since is not overwritten', async () => {
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
