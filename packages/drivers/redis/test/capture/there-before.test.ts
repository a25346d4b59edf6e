/** Existing keys are kept, whatever a test does to them. */
import { describeOn } from '@dustpan/conformance/servers/describe-on'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { libraries } from '../clients.ts'
import { beginTestRun } from '../run.ts'

type Command = readonly string[]

interface Course {
  readonly seeds?: readonly Command[]
  readonly commands: readonly Command[]
  readonly remaining: readonly string[]
}

const list = ['RPUSH', 'k', '1']
const set = ['SADD', 'k', '1']
const zset = ['ZADD', 'k', '1', 'a']
const hash = ['HSET', 'k', 'f', '1']
const text = ['SET', 'k', 'text']

/** Commands that take or delete the content of a key, which the test then puts back. */
const takenAndPutBack: readonly (readonly [seed: Command, take: Command])[] = [
  [list, ['LPOP', 'k']],
  [list, ['RPOP', 'k', '2']],
  [list, ['BLPOP', 'none', 'k', '1']],
  [list, ['BRPOP', 'k', '1']],
  [list, ['LMPOP', '2', 'none', 'k', 'LEFT']],
  [list, ['LREM', 'k', '0', '1']],
  [list, ['LTRIM', 'k', '1', '0']],
  [list, ['LMOVE', 'k', 'old', 'LEFT', 'RIGHT']],
  [list, ['RPOPLPUSH', 'k', 'old']],
  [list, ['BLMOVE', 'k', 'old', 'LEFT', 'RIGHT', '1']],
  [set, ['SPOP', 'k']],
  [set, ['SPOP', 'k', '2']],
  [set, ['SREM', 'k', '1']],
  [set, ['SMOVE', 'k', 'olds', '1']],
  [zset, ['ZPOPMIN', 'k']],
  [zset, ['BZPOPMAX', 'k', '1']],
  [zset, ['ZMPOP', '1', 'k', 'MIN']],
  [zset, ['ZREM', 'k', 'a']],
  [zset, ['ZREMRANGEBYRANK', 'k', '0', '-1']],
  [hash, ['HDEL', 'k', 'f']],
  [text, ['GETDEL', 'k']],
  [text, ['DEL', 'k']],
  [text, ['UNLINK', 'k']],
  [text, ['EXPIRE', 'k', '0']],
  [text, ['GETEX', 'k', 'PXAT', '1']],
  [text, ['RENAME', 'k', 'away']],
  [text, ['RENAMENX', 'k', 'away']],
  [text, ['MOVE', 'k', '14']],
  [text, ['SET', 'k', '1', 'PXAT', '1']],
  [text, ['SET', 'k', '1', 'GET', 'PXAT', '1']],
  [set, ['SINTERSTORE', 'k', 'none']],
  [text, ['FLUSHDB']],
  [text, ['FLUSHALL']],
]

const courses: { readonly [title: string]: Course } = {
  'an existing key swapped by two RENAMEs is kept': {
    seeds: [['SET', 'cur', 'v1']],
    commands: [
      ['SET', 'new', 'v2'],
      ['RENAME', 'cur', 'prev'],
      ['RENAME', 'new', 'cur'],
    ],
    remaining: ['cur', 'prev'],
  },
  'an existing key renamed to the name of a key of the test is kept': {
    seeds: [['SET', 'cur', 'v1']],
    commands: [
      ['SET', 'name', 'v2'],
      ['RENAME', 'cur', 'name'],
    ],
    remaining: ['name'],
  },
  'an existing counter deleted by a script between two INCRs is kept': {
    seeds: [['SET', 'count', '1']],
    commands: [
      ['INCR', 'count'],
      ['EVAL', "return redis.call('DEL', 'count')", '0'],
      ['INCR', 'count'],
      ['EVAL', "return redis.call('DEL', 'count')", '0'],
      ['INCR', 'count'],
    ],
    remaining: ['count'],
  },
  'existing keys set again after FLUSHDB are kept, a new key is removed': {
    seeds: [['SET', 'a', '1'], list],
    commands: [['FLUSHDB'], ['SET', 'a', '1'], ['SET', 'new', '1'], list],
    remaining: ['a', 'k'],
  },
  'elements moved from an existing list or set to another key are kept': {
    seeds: [
      ['RPUSH', 'jobs', '1', '2', '3'],
      ['SADD', 'members', 'a', 'b'],
    ],
    commands: [
      ['RPUSH', 'taken', 'own'],
      ['LMOVE', 'jobs', 'moved', 'LEFT', 'RIGHT'],
      ['RPOPLPUSH', 'jobs', 'popped'],
      ['RPOPLPUSH', 'jobs', 'taken'],
      ['SMOVE', 'members', 'others', 'a'],
    ],
    remaining: ['members', 'moved', 'others', 'popped', 'taken'],
  },
  'elements moved from a list or set of the test to another key are removed': {
    commands: [
      ['RPUSH', 'jobs', '1', '2'],
      ['SADD', 'members', 'a', 'b'],
      ['LMOVE', 'jobs', 'moved', 'LEFT', 'RIGHT'],
      ['RPOPLPUSH', 'jobs', 'popped'],
      ['SMOVE', 'members', 'others', 'a'],
    ],
    remaining: [],
  },
  'an existing key deleted by a script and set again is kept': {
    seeds: [['SET', 'set-up', '1']],
    commands: [
      ['EVAL', "return redis.call('DEL', KEYS[1])", '2', 'set-up', 'none'],
      ['SET', 'set-up', '1'],
      ['SET', 'none', '1'],
    ],
    remaining: ['set-up'],
  },
  'an existing key deleted together with a missing one and set again is kept': {
    seeds: [['SET', 'set-up', '1']],
    commands: [
      ['DEL', 'set-up', 'none'],
      ['SET', 'set-up', '1'],
      ['SET', 'none', '1'],
    ],
    remaining: ['set-up'],
  },
  'a key of the test that is emptied and filled again is removed': {
    commands: [
      list,
      ['LPOP', 'k'],
      list,
      ['DEL', 'k'],
      list,
      ['INCR', 'n'],
      ['INCR', 'n'],
      ['DEL', 'n'],
      ['INCR', 'n'],
    ],
    remaining: [],
  },
}

describeOn(
  'redis',
  'existing keys',
  (server) => {
    let url: string

    beforeAll(async () => {
      url = await server.database()
    })

    describe.each(libraries)('$name', (library) => {
      test('an existing key is kept after the test emptied it and filled it again, by any command', async () => {
        const run = await beginTestRun(library, url)
        const { client, stranger } = run
        const lost: string[] = []
        for (const [seed, take] of takenAndPutBack) {
          await stranger.send('FLUSHALL')
          await stranger.send('RPUSH', 'old', '0')
          await stranger.send('SADD', 'olds', '0')
          const own = (command: Command) => command.map((one) => (one === 'k' ? `k of ${take.join(' ')}` : one))
          await stranger.send(...own(seed))
          await run.test(async () => {
            await client.send(...own(take))
            await client.send(...own(seed))
          })
          if ((await stranger.send('EXISTS', `k of ${take.join(' ')}`)) !== 1) lost.push(take.join(' '))
        }
        expect(lost).toEqual([])
      })

      describe.each(['send', 'pipeline', 'multi'] as const)('%s', (way) => {
        test.each(Object.entries(courses))('%s', async (_, { seeds = [], commands, remaining }) => {
          const run = await beginTestRun(library, url)
          const { client, stranger } = run
          await stranger.send('FLUSHALL')
          for (const seed of seeds) await stranger.send(...seed)
          await run.test(async () => {
            if (way === 'send') for (const command of commands) await client.send(...command)
            else await client[way](commands)
          })
          expect(await run.keys()).toEqual(remaining)
        })
      })

      describe.each(['send', 'pipeline', 'multi'] as const)('%s', (way) => {
        test('a lock released by a script and taken by another client is kept', async () => {
          const run = await beginTestRun(library, url)
          const { client, stranger } = run
          await stranger.send('FLUSHALL')
          const commands = [
            ['SET', 'lock', 'mine', 'NX', 'PX', '60000'],
            ['EVAL', "return redis.call('DEL', KEYS[1])", '1', 'lock'],
          ]
          await run.test(async () => {
            if (way === 'send') for (const command of commands) await client.send(...command)
            else await client[way](commands)
            await client.send('PING')
            await stranger.send('SET', 'lock', 'theirs')
          })
          expect(await run.keys()).toEqual(['lock'])
        })
      })

      test.each([
        [{}, [expect.stringMatching(/^DUSTPAN_KEY_UNATTRIBUTED: BullMQ .*bull:mails:\*/)]],
        [{ ignoreKeys: ['bull:*'] }, []],
      ])('keys of a BullMQ queue are kept, with a warning unless they are ignored: %j', async (options, warnings) => {
        const run = await beginTestRun(library, url, options)
        const { client, stranger } = run
        await stranger.send('FLUSHALL')
        const meta = ['HMSET', 'bull:mails:meta', 'opts.maxLenEvents', '10000', 'version', 'bullmq:6.7.0']
        await run.test(async () => {
          await client.send(...meta)
          await client.multi([['RPUSH', 'bull:mails:1:logs', 'sent']])
          await client.set('own', '1')
        })
        expect(await run.keys()).toEqual(['bull:mails:1:logs', 'bull:mails:meta'])
        expect(run.warnings()).toEqual(warnings)
      })

      test('keys pushed for a blocked worker, and again after it took them, are removed', async () => {
        const run = await beginTestRun(library, url)
        const { client, stranger } = run
        await stranger.send('FLUSHALL')
        const worker = await client.duplicate()
        for (const [wait, push] of [
          [
            ['BLPOP', 'jobs', '5'],
            ['RPUSH', 'jobs', '1'],
          ],
          [
            ['BZPOPMIN', 'zjobs', '5'],
            ['ZADD', 'zjobs', '1', 'a'],
          ],
        ] as const)
          await run.test(async () => {
            const job = worker.send(...wait)
            await vi.waitFor(async () => expect(String(await stranger.send('CLIENT', 'LIST'))).toMatch(/ flags=b /))
            await client.send(...push)
            await job
            await client.send(...push)
          })
        await worker[Symbol.asyncDispose]()
        expect(await run.keys()).toEqual([])
      })

      test('after a FLUSHDB of more keys than can be listed, new keys are kept with a warning', async () => {
        const run = await beginTestRun(library, url)
        const { client, stranger } = run
        await stranger.send('FLUSHALL')
        await stranger.send('EVAL', "for i = 1, 200000 do redis.call('SET', 'seed:' .. i, '1') end", '0')
        await run.test(async () => {
          await client.send('FLUSHDB')
          await client.set('seed:7', '1')
        })
        expect(await run.keys()).toEqual(['seed:7'])
        expect(run.warnings()).toEqual([expect.stringMatching(/^DUSTPAN_KEY_UNATTRIBUTED: FLUSHDB /)])
      })

      test('a key set and deleted in one pipeline or transaction is removed when it is set again', async () => {
        const run = await beginTestRun(library, url)
        const { client, stranger } = run
        await stranger.send('FLUSHALL')
        const commands = [
          ['SET', 'tmp', '1'],
          ['DEL', 'tmp'],
        ]
        await run.test(() => client.multi(commands))
        await run.test(() => client.pipeline(commands))
        await run.test(() => client.set('tmp', '1'))
        expect(run.states()).toEqual({ removed: 1 })
        expect(await run.keys()).toEqual([])
      })
    })
  },
  { own: true },
)
