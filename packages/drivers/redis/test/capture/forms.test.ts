/** Which commands create a key, in each library. */

import { RecordingSink } from '@dustpan/conformance/capture'
import { describeOn } from '@dustpan/conformance/servers/describe-on'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { keyChange } from '../../src/key-changes.ts'
import { type Client, instrumented, libraries } from '../clients.ts'

describeOn('redis', 'capture', (server) => {
  describe.each(libraries)('$name', (library) => {
    let sink: RecordingSink
    let client: Client
    let stranger: Client
    let installed: Disposable

    beforeAll(async () => {
      const url = await server.database()
      sink = new RecordingSink('test')
      installed = instrumented(library, sink)
      client = await library.open(url)
      stranger = await library.open(url)
    })

    beforeEach(async () => {
      sink.active = false
      await stranger.send('FLUSHDB')
      await stranger.send('SET', 'old', '1')
      sink.reset()
    })

    afterAll(async () => {
      installed[Symbol.dispose]()
      await client[Symbol.asyncDispose]()
      await stranger[Symbol.asyncDispose]()
    })

    /** Sends a command of another client, which is not captured. */
    const sendAsStranger = async (...command: string[]) => {
      sink.active = false
      await stranger.send(...command)
      sink.active = true
    }

    test('a member named like an option is not read as the option', async () => {
      await client.send('ZADD', 'z', '1', 'xx')
      await client.send('ZADD', 'none', 'CH', 'XX', '1', 'a')
      await client.send('GEOADD', 'g', '1', '2', 'xx')
      await client.send('XADD', 's', '*', 'nomkstream', '1')
      await client.send('XADD', 'none', 'NOMKSTREAM', '*', 'a', '1')
      expect(sink.live()).toEqual(['key z', 'key g', 'key s'])
    })

    test('an expiry time in the future does not end the record when the test fakes the clock', async () => {
      vi.useFakeTimers({ toFake: ['Date'], now: new Date('2090-01-01') })
      await client.set('new', '1')
      await client.send('EXPIREAT', 'new', String(Date.UTC(2080, 0) / 1000)).finally(() => vi.useRealTimers())
      expect(sink.live()).toEqual(['key new'])
    })

    test('SET of a new key is tracked, SET of an existing one is not', async () => {
      expect(await client.set('new', '1')).toBe('OK')
      expect(await client.set('old', '2')).toBe('OK')
      expect(await client.send('SET', 'other', '2')).toBe('OK')
      expect(sink.live()).toEqual(['key new', 'key other'])
      expect(sink.nothings).toEqual(['updated-existing'])
      expect(sink.records[0]).toMatchObject({
        removal: { driver: '$driver', op: 'delete-key', v: 1, args: {} },
        proof: { match: { type: 'string' }, strength: 'key-only' },
        via: 'SET',
      })
      expect(sink.records[0]?.proof.incarnation).toMatch(/^[0-9a-f]{40}\.[0-9a-f]{40}$/)
    })

    test.each([
      ['SET', 'k', '1', 'NX'],
      ['SET', 'k', '1', 'GET'],
      ['SETNX', 'k', '1'],
      ['SETEX', 'k', '9', '1'],
      ['PSETEX', 'k', '9000', '1'],
      ['GETSET', 'k', '1'],
      ['MSET', 'k', '1', 'old', '2'],
      ['MSETNX', 'k', '1'],
      ['APPEND', 'k', '1'],
      ['SETRANGE', 'k', '1', '1'],
      ['SETBIT', 'k', '1', '1'],
      ['BITFIELD', 'k', 'SET', 'u8', '0', '1'],
      ['INCR', 'k'],
      ['DECRBY', 'k', '3'],
      ['INCRBYFLOAT', 'k', '1.5'],
      ['PFADD', 'k', '1'],
      ['PFMERGE', 'k'],
      ['HSET', 'k', 'a', '1'],
      ['HSETNX', 'k', 'a', '1'],
      ['HINCRBY', 'k', 'a', '1'],
      ['LPUSH', 'k', '1', '2'],
      ['RPUSH', 'k', '1'],
      ['SADD', 'k', '1'],
      ['ZADD', 'k', '1', 'a'],
      ['ZADD', 'k', 'NX', 'INCR', '1', 'a'],
      ['ZINCRBY', 'k', '1', 'a'],
      ['GEOADD', 'k', '1', '1', 'a'],
      ['XADD', 'k', '*', 'a', '1'],
      ['XGROUP', 'CREATE', 'k', 'g', '$', 'MKSTREAM'],
      ['COPY', 'old', 'k'],
      ['COPY', 'old', 'k', 'REPLACE'],
      ['BITOP', 'NOT', 'k', 'old'],
    ])('%s %s tracks the new key', async (...command) => {
      await client.send(...command)
      expect(sink.live()).toEqual(['key k'])
      await sendAsStranger('DEL', 'k')
    })

    test.each([
      ['SET', 'old', '1', 'NX'],
      ['SET', 'k', '1', 'XX'],
      ['SET', 'old', '1', 'GET'],
      ['SETNX', 'old', '1'],
      ['GETSET', 'old', '1'],
      ['MSETNX', 'k', '1', 'old', '1'],
      ['INCR', 'zero'],
      ['APPEND', 'empty', '1'],
      ['SETRANGE', 'k', '0', ''],
      ['LPUSHX', 'k', '1'],
      ['RPUSH', 'list', '1'],
      ['SADD', 'set', '2'],
      ['ZADD', 'k', 'XX', '1', 'a'],
      ['XADD', 'k', 'NOMKSTREAM', '*', 'a', '1'],
      ['COPY', 'nothing', 'k'],
      ['SINTERSTORE', 'k', 'nothing'],
      ['BITFIELD', 'k', 'GET', 'u8', '0'],
      ['RPOPLPUSH', 'nothing', 'k'],
      ['GET', 'k'],
    ])('%s %s %s tracks nothing', async (...command) => {
      for (const seed of [
        ['SET', 'zero', '0'],
        ['SET', 'empty', ''],
        ['RPUSH', 'list', '0'],
        ['SADD', 'set', '1'],
      ])
        await sendAsStranger(...seed)
      await client.send(...command)
      expect(sink.live()).toEqual([])
      expect(sink.warnings).toEqual([])
    })

    test('a pipeline tracks the keys of all its commands under one intent', async () => {
      const replies = await client.pipeline([
        ['SET', 'a', '1'],
        ['GET', 'a'],
        ['SET', 'old', '2'],
        ['HSET', 'b', 'x', '1'],
        ['DEL', 'a'],
      ])
      expect(replies).toEqual(['OK', '1', 'OK', 1, 1])
      expect(sink.live()).toEqual(['key b'])
      expect(sink.begun).toEqual(['pipeline'])
    })

    test('a committed transaction tracks the keys of all its commands under one intent', async () => {
      const replies = await client.multi([
        ['SET', 'a', '1'],
        ['SET', 'old', '2'],
        ['INCR', 'a'],
        ['SADD', 's', '1'],
        ['DEL', 'old'],
        ['SET', 'old', '3'],
      ])
      expect(replies).toEqual(['OK', 'OK', 2, 1, 1, 'OK'])
      expect(sink.live()).toEqual(['key a', 'key s'])
      expect(sink.begun).toEqual(['MULTI a, old, s'])
    })

    test('a transaction that the server refuses tracks nothing', async () => {
      await expect(
        Promise.resolve().then(() =>
          client.multi([
            ['SET', 'a', '1'],
            ['SET', 'b'],
          ]),
        ),
      ).rejects.toThrow()
      expect(sink.live()).toEqual([])
      expect(sink.nothings).toEqual(['rejected'])
    })

    test('in a transaction with a failing command the keys of the others are tracked', async () => {
      await Promise.resolve(
        client.multi([
          ['SET', 'a', '1'],
          ['LPUSH', 'a', '1'],
          ['SADD', 's', '1'],
        ]),
      ).catch(() => {})
      expect(sink.live()).toEqual(['key a', 'key s'])
    })

    test('a transaction whose watched key changed tracks nothing', async () => {
      await client.send('WATCH', 'old')
      await sendAsStranger('SET', 'old', '9')
      expect(await client.multi([['SET', 'a', '1']]).catch(() => null)).toBeFalsy()
      expect(sink.live()).toEqual([])
      expect(sink.nothings).toEqual(['rejected'])
    })

    test('DEL, UNLINK, GETDEL, EXPIRE 0 and FLUSHDB by the test end the records of its keys', async () => {
      for (const key of ['a', 'b', 'c', 'd', 'e']) await client.set(key, '1')
      await client.send('DEL', 'a')
      await client.send('UNLINK', 'b')
      await client.send('GETDEL', 'c')
      await client.send('EXPIRE', 'd', '0')
      expect(sink.live()).toEqual(['key e'])
      await client.send('FLUSHDB')
      expect(sink.live()).toEqual([])
    })

    test('RENAME tracks the new name only if the test created the old one', async () => {
      await client.set('a', '1')
      await client.send('RENAME', 'a', 'b')
      await client.send('RENAME', 'old', 'seed')
      expect(sink.live()).toEqual(['key b'])
    })

    test('a time to live is recorded, whether set with the key or later', async () => {
      const before = Date.now()
      await client.send('SET', 'a', '1', 'EX', '100')
      await client.send('SET', 'b', '1')
      await client.send('PEXPIRE', 'b', '5000')
      const [a, b] = sink.records
      const { expires } = (a?.removal.args ?? {}) as { expires?: number }
      expect(expires).toBeGreaterThanOrEqual(before + 100_000)
      expect(b?.removal.args).toEqual({})
      expect(keyChange(b?.store.id ?? '', 'b')?.expires).toBeGreaterThanOrEqual(before + 5000)
    })

    test('keys copied or moved into another database are tracked there', async () => {
      await client.send('COPY', 'old', 'copy', 'DB', '1001')
      await client.set('a', '1')
      await client.send('MOVE', 'a', '1001')
      const there = sink.records.filter(({ store, state }) => store.id.endsWith('/1001') && state !== 'gone')
      expect(there.map(({ key }) => key)).toEqual(['copy', 'a'])
      await sendAsStranger('EVAL', "redis.call('SELECT', 1001) redis.call('DEL', 'copy', 'a') return 1", '0')
    })

    test('binary keys are recorded exactly', async () => {
      const bytes = Buffer.from([0xff, 0x00, 0x80])
      await client.send('SET', bytes, '1')
      await client.send('SET', Buffer.from('text'), '1')
      expect(sink.records.map(({ key }) => key)).toEqual([['base64', '/wCA'], 'text'])
    })

    test('keys of another database are recorded in another store', async () => {
      await using other = await client.duplicate()
      await other.set('a', '1')
      const home = sink.records[0]?.store.id as string
      await other.select(1000)
      await other.set('b', '1')
      await other.send('DEL', 'b')
      expect(sink.records[1]?.store.id).toBe(home.replace(/\/\d+$/, '/1000'))
    })

    test('a duplicate of a client is captured too', async () => {
      await using other = await client.duplicate()
      await other.set('a', '1')
      expect(sink.live()).toEqual(['key a'])
    })

    test('errors of the server reach the caller, and a failed command tracks nothing', async () => {
      await sendAsStranger('RPUSH', 'list', '1')
      await expect(client.send('INCR', 'list')).rejects.toThrow(/WRONGTYPE/)
      await expect(client.send('SET', 'a')).rejects.toThrow(/wrong number/)
      expect(sink.live()).toEqual([])
      expect(sink.nothings).toEqual(['rejected', 'rejected'])
    })

    test('scripts and unknown commands warn with DUSTPAN_KEY_UNATTRIBUTED', async () => {
      await client.send('EVAL', 'return 1', '0')
      await client.send('EVAL', 'return 2', '0')
      await client.send('NOSUCH', 'k').catch(() => {})
      expect(new Set(sink.warnings.map(({ code, subject }) => `${code} ${subject}`))).toEqual(
        new Set(['DUSTPAN_KEY_UNATTRIBUTED scripts', 'DUSTPAN_KEY_UNATTRIBUTED NOSUCH']),
      )
    })

    test('a command on an unserved store or outside a test tracks nothing', async () => {
      sink.serves = () => false
      await client.set('a', '1')
      sink.active = false
      await client.set('b', '1')
      expect(sink.records).toEqual([])
    })

    test('of 200 concurrent SETs exactly the new keys are tracked', async () => {
      const keys = Array.from({ length: 200 }, (_, index) => (index % 2 ? `k${index}` : 'old'))
      await Promise.all(keys.map((key) => client.set(key, '1')))
      expect(sink.live()).toHaveLength(100)
    })
  })
})
