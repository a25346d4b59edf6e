/** Which keys are removed, which are kept, and with which outcome. */

import { removalContext } from '@dustpan/conformance/drivers/driver'
import { describeOn } from '@dustpan/conformance/servers/describe-on'
import { beforeAll, beforeEach, expect, test } from 'vitest'
import { connected, driverOf, open, storeAt, target } from '../harness.ts'

type Server = Awaited<ReturnType<typeof open>>

describeOn('redis', 'removal', (server) => {
  let url: string
  let redis: Server

  beforeAll(async () => {
    url = await server.database()
    redis = await open(url)
  })
  beforeEach(async () => void (await redis.send('FLUSHDB')))

  const states = (outcomes: ReadonlyMap<string, { state: string; result?: string }>) =>
    Object.fromEntries(
      [...outcomes].map(([id, { state, result }]) => [JSON.parse(id), result ? `${state}: ${result}` : state]),
    )

  test('recorded keys are removed, a missing one is already-gone, and other keys are kept', async () => {
    await redis.send('MSET', 'a', '1', 'b', '2', 'seed', '3')
    await using connection = await connected(url)
    const outcomes = await connection.remove([target('a'), target('b'), target('c')], removalContext())
    expect(states(outcomes)).toEqual({ a: 'removed: 1 key', b: 'removed: 1 key', c: 'already-gone: 0 keys' })
    expect(await redis.send('DBSIZE')).toBe(1)
  })

  test('DUSTPAN_NOT_OURS: a key of another type than recorded is kept', async () => {
    await redis.send('HSET', 'a', 'f', 'v')
    await using connection = await connected(url)
    const [outcome] = (await connection.remove([target('a')], removalContext())).values()
    expect(outcome).toMatchObject({ state: 'refused', why: 'not-ours', error: { code: 'DUSTPAN_NOT_OURS' } })
    expect(outcome).toMatchObject({ error: { message: 'The key holds a hash now, and the test made a string' } })
    expect(await redis.send('EXISTS', 'a')).toBe(1)
  })

  test('of many keys in one call, those of another type are kept and the others are removed', async () => {
    const names = Array.from({ length: 40 }, (_, i) => `key ${i}`)
    const others = names.filter((_, i) => i % 7 === 0)
    const gone = names.filter((_, i) => i % 7 === 1)
    for (const name of names.filter((one) => !gone.includes(one)))
      await redis.send(...(others.includes(name) ? ['SADD', name, '1'] : ['SET', name, '1']))
    await using connection = await connected(url)
    const outcomes = await connection.remove(
      names.map((name) => target(name)),
      removalContext(),
    )
    const stateOf = (name: string) =>
      others.includes(name) ? 'refused' : gone.includes(name) ? 'already-gone: 0 keys' : 'removed: 1 key'
    expect(states(outcomes)).toEqual(Object.fromEntries(names.map((name) => [name, stateOf(name)])))
    expect(await redis.send('EXISTS', ...names)).toBe(others.length)
  })

  test('a key without a recorded type is removed, whatever its type', async () => {
    await redis.send('HSET', 'a', 'f', 'v')
    await using connection = await connected(url)
    const outcomes = await connection.remove([target('a', { proof: { strength: 'key-only' } })], removalContext())
    expect(states(outcomes)).toEqual({ a: 'removed: 1 key' })
  })

  test('DUSTPAN_WRONG_STORE: nothing is removed from another server’s data', async () => {
    await redis.send('SET', 'a', '1')
    await using connection = await connected(url)
    const incarnation = `${'0'.repeat(40)}.${'1'.repeat(40)}`
    const proof = { strength: 'key-only', incarnation } as const
    const outcomes = await connection.remove([target('a', { proof }), target('b', { proof })], removalContext())
    for (const outcome of outcomes.values())
      expect(outcome).toMatchObject({ state: 'refused', why: 'wrong-store', error: { code: 'DUSTPAN_WRONG_STORE' } })
    expect(await redis.send('EXISTS', 'a')).toBe(1)
  })

  test('keys are removed from a server that took over the data of the recorded one', async () => {
    await redis.send('SET', 'a', '1')
    const history = /master_replid:(\w+)/.exec(String(await redis.send('INFO', 'replication')))?.[1]
    await using connection = await connected(url)
    const proof = { strength: 'key-only', incarnation: `${'0'.repeat(40)}.${history}` } as const
    expect(states(await connection.remove([target('a', { proof })], removalContext()))).toEqual({ a: 'removed: 1 key' })
  })

  test('a missing key is reported as expired when its recorded time is over', async () => {
    await using connection = await connected(url)
    const past = { args: { expires: Date.now() - 1 } }
    const [outcome] = (await connection.remove([target('a', past)], removalContext())).values()
    expect(outcome).toEqual({ state: 'already-gone', result: 'expired', expected: true })
    const [other] = (
      await connection.remove([target('a', { args: { expires: Date.now() + 9e6 } })], removalContext())
    ).values()
    expect(other).toEqual({ state: 'already-gone', result: '0 keys' })
  })

  test('the user’s key template is filled with the recorded id', async () => {
    await redis.send('MSET', 'user:7', '1', 'cart:1:x', '2')
    await using connection = await connected(url)
    const targets = [
      target(7, { args: { key: 'user:{id}' } }),
      target([1, 'x'], { args: { key: 'cart:{id.0}:{id.1}' } }),
    ]
    await connection.remove(targets, removalContext())
    expect(await redis.send('DBSIZE')).toBe(0)
  })

  test('binary keys are removed by their bytes', async () => {
    const bytes = Buffer.from([0xff, 0x00])
    await redis.one(['SET', bytes, '1'], AbortSignal.timeout(1000))
    await using connection = await connected(url)
    await connection.remove([target(['base64', bytes.toString('base64')])], removalContext())
    expect(await redis.send('DBSIZE')).toBe(0)
  })

  test('a user without the right to scripts removes keys, and only those of the recorded type', async () => {
    await redis.send('ACL', 'SETUSER', 'plain', 'on', '>secret', '~*', '+@all', '-@scripting')
    await redis.send('SET', 'a', '1')
    await redis.send('HSET', 'b', 'f', 'v')
    await using connection = await connected(url.replace('//', '//plain:secret@'))
    const outcomes = await connection.remove([target('a'), target('b'), target('c')], removalContext())
    expect(states(outcomes)).toEqual({ a: 'removed: 1 key', b: 'refused', c: 'already-gone: 0 keys' })
    expect(await redis.send('EXISTS', 'a', 'b')).toBe(1)
  })

  test('a key that the user may not delete fails, and the others are removed', async () => {
    await redis.send('ACL', 'SETUSER', 'some', 'reset', 'on', '>secret', '%R~*', '~a*', '+@all')
    await redis.send('MSET', 'a1', '1', 'a2', '1', 'b', '1')
    await using connection = await connected(url.replace('//', '//some:secret@'))
    const outcomes = await connection.remove([target('a1'), target('b'), target('a2')], removalContext())
    expect(states(outcomes)).toEqual({ a1: 'removed: 1 key', b: 'failed', a2: 'removed: 1 key' })
    expect(outcomes.get('"b"')).toMatchObject({ retry: false, error: { code: 'DUSTPAN_REMOVAL_FAILED' } })
    expect((outcomes.get('"b"') as { error: { hint: string } }).error.hint).toContain('ACL SETUSER')
  })

  test('DUSTPAN_STORE_UNREACHABLE: a wrong password and an unneeded one have a hint', async () => {
    await redis.send('ACL', 'SETUSER', 'known', 'on', '>secret', '~*', '+@all')
    const wrong = connected(url.replace('//', '//known:nonsense@'))
    await expect(wrong).rejects.toMatchObject({
      code: 'DUSTPAN_STORE_UNREACHABLE',
      message: expect.stringContaining('WRONGPASS'),
      hint: 'Correct the user name and the password in the url of the driver.',
    })
    await expect(wrong).rejects.not.toMatchObject({ message: expect.stringContaining('nonsense') })
    await expect(connected(url.replace('//', '//:nonsense@'))).rejects.toMatchObject({
      code: 'DUSTPAN_STORE_UNREACHABLE',
      hint: 'The server asks for no password: take it out of the url of the driver.',
    })
  })

  test('DUSTPAN_WRONG_STORE: url of another server; DUSTPAN_STORE_UNREACHABLE: no url', async () => {
    const store = { driver: 'cache', id: 'redis://elsewhere:1/0' }
    await expect(driverOf({ url }).connect(store, removalContext())).rejects.toMatchObject({
      code: 'DUSTPAN_WRONG_STORE',
    })
    await expect(driverOf({}).connect(store, removalContext())).rejects.toMatchObject({
      code: 'DUSTPAN_STORE_UNREACHABLE',
    })
  })

  test('a removal on a lost connection can be retried, and connects again', async () => {
    await redis.send('SET', 'a', '1')
    await using connection = await connected(url)
    await redis.send('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
    const first = await connection.remove([target('a')], removalContext())
    const second = await connection.remove([target('a')], removalContext())
    const [one, two] = [first, second].map((outcomes) => [...outcomes.values()][0])
    expect([one, two]).toContainEqual({ state: 'removed', result: '1 key' })
    if (one?.state === 'failed') expect(one.retry).toEqual({})
  })

  test('probe() reports a key as present only with its recorded type', async () => {
    await redis.send('SET', 'a', '1')
    await redis.send('HSET', 'b', 'f', 'v')
    await using connection = await connected(url)
    const found = await connection.probe?.([target('a'), target('b'), target('c')], removalContext())
    expect([...(found?.values() ?? [])]).toEqual(['present', 'absent', 'absent'])
  })

  test('10,000 keys are removed in one call', async () => {
    const keys = Array.from({ length: 10_000 }, (_, index) => `k${index}`)
    await redis.send('MSET', ...keys.flatMap((key) => [key, '1']))
    await using connection = await connected(url)
    const outcomes = await connection.remove(
      keys.map((key) => target(key)),
      removalContext(),
    )
    expect([...outcomes.values()].every(({ state }) => state === 'removed')).toBe(true)
    expect(await redis.send('DBSIZE')).toBe(0)
  })

  test('a removal by key template is described as UNLINK of the key', () => {
    const driver = driverOf({ url })
    const { removal, store } = driver.removal?.({ key: 'user:{id}', store: 'cache' }, [7]) ?? {}
    expect(store).toEqual({ id: storeAt(url).id })
    expect(removal && driver.describe(removal, 7)).toBe('UNLINK user:7')
  })

  test.each([
    [{ key: 'user' }, /expected a key with \{id\} in it, got "user"/],
    [{ pattern: 'user:*' }, /remove.pattern: there is no such option/],
  ])('the removal %j is refused as invalid', (spec, message) => {
    expect(() => driverOf({ url }).removal?.({ ...spec, store: 'cache' }, [7])).toThrow(message)
  })
})
