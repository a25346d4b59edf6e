/** What is special to one library: prefixes, automatic pipelines, offline queues, pools. */
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
    '%s: a queue that is limited has room for the user’s own commands',
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

  test('keys are called what the options say, and some are not tracked at all', async () => {
    const { Redis } = require('ioredis') as typeof import('ioredis')
    const redis = new Redis(url)
    await redis.mset('session:1', '1', 'lock:1', '1', 'other', '1')
    redis.disconnect()
    expect(sink.live()).toEqual(['session session:1', 'key other'])
  })

  describe.each(['ioredis', 'ioredis-5'])('%s', (name) => {
    const { Redis } = require(name) as typeof import('ioredis')

    test('keyPrefix: the real key is on record', async () => {
      const redis = new Redis(url, { keyPrefix: 'app:' })
      await redis.set('a', '1')
      await redis.pipeline().set('b', '1').exec()
      redis.disconnect()
      expect(sink.live()).toEqual(['key app:a', 'key app:b'])
    })

    test('callbacks, buffers and custom encodings answer as they do', async () => {
      const redis = new Redis(url)
      expect(await new Promise((resolve) => redis.set('a', '1', (_, reply) => resolve(reply)))).toBe('OK')
      expect(await redis.callBuffer('SET', 'b', '1')).toEqual(Buffer.from('OK'))
      expect(await redis.hset('h', { f: 'v' })).toBe(1)
      redis.disconnect()
      expect(sink.live()).toEqual(['key a', 'key b', 'key h'])
    })

    test('automatic pipelines: each command belongs to the test that gave it', async () => {
      const redis = new Redis(url, { enableAutoPipelining: true })
      const scopes = new AsyncLocalStorage<string>()
      sink.whose = () => ({ run: 'r', scope: scopes.getStore() ?? '' })
      const set = (key: string) => scopes.run(key, () => sink.run(key, () => redis.set(key, '1')))
      await Promise.all(['x', 'y', 'z'].map(set))
      delete sink.whose
      redis.disconnect()
      expect(sink.records.map(({ scope, key }) => `${scope}: ${key}`).sort()).toEqual(['x: x', 'y: y', 'z: z'])
    })

    test('what is given before the connection stands is tracked once it is sent', async () => {
      const redis = new Redis(url, { lazyConnect: true })
      const first = redis.set('a', '1')
      expect(sink.begun).toEqual([])
      await first
      redis.disconnect()
      expect(sink.live()).toEqual(['key a'])
    })

    test('a transaction without a pipeline gives one warning', async () => {
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

    test('a connection that breaks while a pipeline is under way is mended as without capture', async () => {
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
      'a command that tells': (redis) => redis.setnx('a', '1'),
    }

    test.each(Object.entries(ways))(
      '%s that is sent twice: nobody knows whether the first created',
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

    test.each(Object.entries(ways))('%s that the server got only the second time created', async (_, send) => {
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

    test('pub/sub and blocking commands are left alone', async () => {
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

    test('where EXISTS is not allowed, the command works and a warning tells', async () => {
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

    test('its own methods, answers in the shape that the user asked for, and pools', async () => {
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

    test('a transaction that is sent command by command is answered as without capture, and told', async () => {
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

    test('what goes to the front of the queue is asked about before it', async () => {
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

    test('of a pipeline in which one command fails, the others count', async () => {
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

  test('what a library does with a wrong argument is its own affair', async () => {
    const { createClient } = require('redis') as typeof import('redis')
    const redis = createClient({ url })
    await redis.connect()
    await expect(redis.sendCommand(['SET', 5 as never, '1'])).rejects.toThrow(TypeError)
    expect(await redis.set('a', '1')).toBe('OK')
    await redis.close()
    expect(sink.live()).toEqual(['key a'])
  })

  test('redis-4: its own methods, and isolated clients', async () => {
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

  test('capture() takes clients of both libraries, and nothing else', () => {
    const { Redis } = require('ioredis') as typeof import('ioredis')
    const client = new Redis(url, { lazyConnect: true })
    expect(capture(client)).toBe(client)
    expect(() => capture({})).toThrow(TypeError)
    expect(everything.typeOf('session:1')).toBe('key')
  })

  test.each(libraries)(
    '$name: of two instances on one server, the one whose database it is says what keys are',
    async (library) => {
      const visits = { kinds: { visit: { pattern: 'session:*' } } }
      using _ = instrumented(library, sink, rulesOf(visits, { serves: () => true, leadsTo: () => true }))
      await using client = await library.open(url)
      await client.send('MSET', 'session:1', '1', 'lock:1', '1')
      expect(sink.live()).toEqual(['visit session:1', 'key lock:1'])
    },
  )

  test('undone, the libraries are as they were', () => {
    for (const one of installed) one[Symbol.dispose]()
    const { Redis } = require('ioredis') as typeof import('ioredis')
    expect(String(Redis.prototype.sendCommand)).toContain('setReplyContext')
    installed = []
  })
})
