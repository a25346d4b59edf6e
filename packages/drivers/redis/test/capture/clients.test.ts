/** Features of single client libraries: prefixes, automatic pipelines, offline queues, pools. */
import { AsyncLocalStorage } from 'node:async_hooks'
import { createRequire } from 'node:module'
import { RecordingSink } from '@dustpan/conformance/capture'
import { describeOn } from '@dustpan/conformance/servers/describe-on'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { everything, rulesOf } from '../../src/capture/capture-rules.ts'
import { capture } from '../../src/index.ts'
import { instrumented, libraries } from '../clients.ts'
import { open } from '../harness.ts'

const require = createRequire(import.meta.url)

describeOn('redis', 'clients', (server) => {
  let url: string
  let sink: RecordingSink
  let admin: Awaited<ReturnType<typeof open>>
  let installed: Disposable[]
  const rules = rulesOf(
    { kinds: { session: { pattern: 'session:*' } }, ignoreKeys: ['lock:*'] },
    { serves: () => true, leadsTo: () => false },
  )

  beforeAll(async () => {
    url = await server.database()
    admin = await open(url)
    sink = new RecordingSink('test')
    installed = libraries.map((library) => instrumented(library, sink, rules))
  })
  beforeEach(async () => {
    await admin.send('FLUSHDB')
    await admin.send('SET', 'old', '1')
    sink.reset()
  })
  afterAll(() => {
    for (const one of installed) one[Symbol.dispose]()
  })

  test.each(['redis-5', 'redis-4'])(
    '%s: commandsQueueMaxLength leaves room for the user’s own commands, and warns',
    async (name) => {
      const { createClient } = require(name) as typeof import('redis')
      const client = await createClient({ url, commandsQueueMaxLength: 3 }).connect()
      const replies = await Promise.all(['a', 'b', 'c'].map((key) => client.set(key, '1', { NX: true })))
      expect(replies).toEqual(['OK', 'OK', 'OK'])
      expect(await Promise.all(['d', 'e', 'f'].map((key) => client.set(key, '1')))).toEqual(replies)
      await client.disconnect()
      expect(sink.live()).toEqual(['key a', 'key b', 'key c'])
      expect(sink.intents.filter(({ outcome }) => outcome === 'open')).toEqual([])
      expect(sink.warnings).toContainEqual(
        expect.objectContaining({
          code: 'DUSTPAN_KEY_UNATTRIBUTED',
          subject: expect.stringMatching(/^commandsQueueMaxLength/),
        }),
      )
    },
  )

  test('keys have the types that the options give them, and ignored keys are not tracked', async () => {
    const { Redis } = require('ioredis') as typeof import('ioredis')
    const redis = new Redis(url)
    await redis.mset('session:1', '1', 'lock:1', '1', 'other', '1')
    redis.disconnect()
    expect(sink.live()).toEqual(['session session:1', 'key other'])
  })

  describe.each(['ioredis', 'ioredis-5'])('%s', (name) => {
    const { Redis } = require(name) as typeof import('ioredis')

    test('the key is recorded with its keyPrefix', async () => {
      const redis = new Redis(url, { keyPrefix: 'app:' })
      await redis.set('a', '1')
      await redis.pipeline().set('b', '1').exec()
      redis.disconnect()
      expect(sink.live()).toEqual(['key app:a', 'key app:b'])
    })

    test('callbacks, buffer replies and object arguments work, and their keys are tracked', async () => {
      const redis = new Redis(url)
      expect(await new Promise((resolve) => redis.set('a', '1', (_, reply) => resolve(reply)))).toBe('OK')
      expect(await redis.callBuffer('SET', 'b', '1')).toEqual(Buffer.from('OK'))
      expect(await redis.hset('h', { f: 'v' })).toBe(1)
      redis.disconnect()
      expect(sink.live()).toEqual(['key a', 'key b', 'key h'])
    })

    test('each command of an automatic pipeline belongs to the test that sent it', async () => {
      const redis = new Redis(url, { enableAutoPipelining: true })
      const scopes = new AsyncLocalStorage<string>()
      sink.currentScope = () => ({ run: 'r', scope: scopes.getStore() ?? '' })
      const set = (key: string) => scopes.run(key, () => sink.run(key, () => redis.set(key, '1')))
      await Promise.all(['x', 'y', 'z'].map(set))
      delete sink.currentScope
      redis.disconnect()
      expect(sink.records.map(({ scope, key }) => `${scope}: ${key}`).sort()).toEqual(['x: x', 'y: y', 'z: z'])
    })

    test('a command issued before the connection is open is tracked once it is sent', async () => {
      const redis = new Redis(url, { lazyConnect: true })
      const first = redis.set('a', '1')
      expect(sink.begun).toEqual([])
      await first
      redis.disconnect()
      expect(sink.live()).toEqual(['key a'])
    })

    test('keys of a transaction without a pipeline are not tracked and warn', async () => {
      const redis = new Redis(url)
      await redis.multi({ pipeline: false })
      await redis.set('a', '1')
      await redis.set('b', '1')
      expect(await redis.exec()).toEqual([
        [null, 'OK'],
        [null, 'OK'],
      ])
      await redis.set('c', '1')
      redis.disconnect()
      expect(sink.live()).toEqual(['key c'])
      expect(sink.warnings[0]).toMatchObject({
        code: 'DUSTPAN_KEY_UNATTRIBUTED',
        subject: expect.stringMatching(/^MULTI/),
      })
    })

    test('a pipeline whose connection breaks is sent again by ioredis', async () => {
      const redis = new Redis(url, { retryStrategy: () => 10 })
      redis.on('error', () => {})
      await redis.ping()
      await admin.send('CLIENT', 'PAUSE', '60', 'WRITE')
      const replies = redis.pipeline().set('a', '1').set('b', '1').set('c', '1').exec()
      await admin.send('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
      expect(await replies).toEqual(Array(3).fill([null, 'OK']))
      redis.disconnect()
    })

    const ways: { readonly [title: string]: (redis: InstanceType<typeof Redis>) => Promise<unknown> } = {
      'a command': (redis) => redis.set('a', '1'),
      'a pipeline': (redis) => redis.pipeline().set('a', '1').exec(),
      'a transaction': (redis) => redis.multi().set('a', '1').exec(),
      'a command whose reply shows a creation': (redis) => redis.setnx('a', '1'),
    }

    test.each(Object.entries(ways))(
      '%s that the server received twice is not tracked, and its intent stays open',
      async (_, send) => {
        const redis = new Redis(url, { retryStrategy: () => 10 })
        redis.on('error', () => {})
        await redis.ping()
        redis.stream.pause()
        const reply = send(redis)
        while ((await admin.send('EXISTS', 'a')) === 0);
        redis.stream.destroy()
        await reply
        redis.disconnect()
        expect(sink.live()).toEqual([])
        expect(sink.intents.map(({ outcome }) => outcome)).toEqual(['open'])
        expect(sink.warnings).toEqual([])
      },
    )

    test.each(Object.entries(ways))('%s that the server received only the second time is tracked', async (_, send) => {
      const redis = new Redis(url, { retryStrategy: () => 10 })
      redis.on('error', () => {})
      await redis.ping()
      redis.stream.write = () => true
      const reply = send(redis)
      redis.stream.destroy()
      await reply
      redis.disconnect()
      expect(sink.live()).toEqual(['key a'])
      expect(sink.warnings).toEqual([])
    })

    test('pub/sub and blocking commands work and are not tracked', async () => {
      const redis = new Redis(url)
      const subscriber = redis.duplicate()
      await subscriber.subscribe('channel')
      const heard = new Promise((resolve) => subscriber.once('message', (_, message) => resolve(message)))
      await redis.publish('channel', 'hello')
      expect(await heard).toBe('hello')
      expect(await redis.blpop('nothing', 0.01)).toBeNull()
      redis.disconnect()
      subscriber.disconnect()
      expect(sink.records).toEqual([])
      expect(sink.warnings).toEqual([])
    })

    test('without the right to EXISTS a SET works, is not tracked and warns', async () => {
      await admin.send('ACL', 'SETUSER', 'writer', 'reset', 'on', '>secret', '~*', '+set', '+select', '+info', '+ping')
      const redis = new Redis(url.replace('//', '//writer:secret@'))
      expect(await redis.set('a', '1')).toBe('OK')
      redis.disconnect()
      expect(sink.live()).toEqual([])
      expect(sink.warnings[0]).toMatchObject({
        code: 'DUSTPAN_KEY_UNATTRIBUTED',
        subject: expect.stringMatching(/^EXISTS/),
      })
    })
  })

  describe.each(['redis', 'redis-5'])('%s', (name) => {
    const exports = require(name) as typeof import('redis')

    test('own methods, type mappings and pools work, and their keys are tracked', async () => {
      const redis = exports.createClient({ url })
      await redis.connect()
      expect(await redis.hSet('h', { a: '1', b: '2' })).toBe(2)
      expect(await redis.withTypeMapping({ [exports.RESP_TYPES.SIMPLE_STRING]: Buffer }).set('s', '1')).toEqual(
        Buffer.from('OK'),
      )
      expect(await redis.multi().set('m', '1').get('m').exec()).toEqual(['OK', '1'])
      await redis.close()
      const pool = exports.createClientPool({ url }, { minimum: 1, maximum: 1 })
      await pool.connect()
      await Promise.all([pool.set('p', '1'), pool.set('q', '1')])
      await pool.close()
      expect(sink.live()).toEqual(['key h', 'key s', 'key m', 'key p', 'key q'])
    })
  })

  describe.each(['redis', 'redis-5', 'redis-4'])('%s', (name) => {
    // biome-ignore lint/suspicious/noExplicitAny: the versions differ in their types
    const exports = require(name) as any

    test('a transaction sent command by command works, is not tracked and warns', async () => {
      const redis = exports.createClient({ url })
      await redis.connect()
      const send = (...command: string[]) => redis.sendCommand(command)
      expect(await send('MULTI')).toBe('OK')
      expect(await send('SET', 'a', '1')).toBe('QUEUED')
      expect(await redis.set('b', '1').catch(() => 'QUEUED')).toBe('QUEUED')
      expect(await send('EXEC')).toEqual(['OK', 'OK'])
      await send('MULTI')
      await send('DISCARD')
      await redis.set('c', '1')
      await redis.disconnect()
      expect(sink.live()).toEqual(['key c'])
      expect(sink.warnings).toMatchObject([{ code: 'DUSTPAN_KEY_UNATTRIBUTED', subject: 'MULTI' }])
    })

    test('the EXISTS for a command with asap goes to the front of the queue before it', async () => {
      const redis = exports.createClient({ url })
      const waiting = redis.connect()
      const options = { asap: true }
      const set = (key: string) =>
        exports.commandOptions
          ? redis.set(exports.commandOptions(options), key, '1')
          : redis.withCommandOptions(options).set(key, '1')
      await Promise.all([waiting, redis.set('b', '1'), set('a'), set('old')])
      await redis.disconnect()
      expect(sink.live().sort()).toEqual(['key a', 'key b'])
      expect(sink.nothings).toEqual(['updated-existing'])
    })

    test('in a pipeline with a failing command the keys of the others are tracked', async () => {
      const redis = exports.createClient({ url })
      await redis.connect()
      const pipeline = redis.multi().set('a', '1').lPush('old', '1').sAdd('s', '1')
      await expect(pipeline.execAsPipeline()).rejects.toThrow(/WRONGTYPE/)
      await redis.set('b', '1')
      await redis.disconnect()
      expect(sink.live()).toEqual(['key a', 'key s', 'key b'])
      expect(sink.intents.map(({ outcome }) => outcome)).toEqual(['created', 'created'])
    })
  })

  test('a TypeError for a wrong argument reaches the caller, and later commands are tracked', async () => {
    const { createClient } = require('redis') as typeof import('redis')
    const redis = createClient({ url })
    await redis.connect()
    await expect(redis.sendCommand(['SET', 5 as never, '1'])).rejects.toThrow(TypeError)
    expect(await redis.set('a', '1')).toBe('OK')
    await redis.close()
    expect(sink.live()).toEqual(['key a'])
  })

  test('redis-4: keys of own methods and isolated clients are tracked', async () => {
    const { createClient, commandOptions } = require('redis-4') as {
      createClient(options: object): Record<string, (...args: unknown[]) => Promise<unknown>>
      commandOptions(options: object): object
    }
    const redis = createClient({ url })
    await redis.connect?.()
    expect(await redis.hSet?.('h', { a: '1' })).toBe(1)
    expect(await redis.set?.(commandOptions({ returnBuffers: true }), 's', '1')).toEqual(Buffer.from('OK'))
    expect(await redis.executeIsolated?.((client: typeof redis) => client.set?.('i', '1'))).toBe('OK')
    await redis.disconnect?.()
    expect(sink.live()).toEqual(['key h', 'key s', 'key i'])
  })

  test('capture() accepts an ioredis client and refuses an object that is no client', () => {
    const { Redis } = require('ioredis') as typeof import('ioredis')
    const client = new Redis(url, { lazyConnect: true })
    expect(capture(client)).toBe(client)
    expect(() => capture({})).toThrow(TypeError)
    expect(everything.typeOf('session:1')).toBe('key')
  })

  test.each(libraries)(
    '$name: of two instances on one server, the one that leads to the database sets the types',
    async (library) => {
      const visits = { kinds: { visit: { pattern: 'session:*' } } }
      using _ = instrumented(library, sink, rulesOf(visits, { serves: () => true, leadsTo: () => true }))
      await using client = await library.open(url)
      await client.send('MSET', 'session:1', '1', 'lock:1', '1')
      expect(sink.live()).toEqual(['visit session:1', 'key lock:1'])
    },
  )

  test('ioredis has its own sendCommand again once the instrument is disposed', () => {
    for (const one of installed) one[Symbol.dispose]()
    const { Redis } = require('ioredis') as typeof import('ioredis')
    expect(String(Redis.prototype.sendCommand)).toContain('setReplyContext')
    installed = []
  })
})
