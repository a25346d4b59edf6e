/** What was there before stays, whatever a test does to it on the way. */
import { describeOn } from '@dustpan/conformance/servers/describe-on'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { libraries } from '../clients.ts'
import { beginTestRun } from '../run.ts'

type Command = readonly string[]

interface Course {
  readonly seeds?: readonly Command[]
  readonly commands: readonly Command[]
  readonly left: readonly string[]
}

const list = ['RPUSH', 'k', '1']
const set = ['SADD', 'k', '1']
const zset = ['ZADD', 'k', '1', 'a']
const hash = ['HSET', 'k', 'f', '1']
const text = ['SET', 'k', 'text']

/** One element is taken, and put back. */
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
  'a swap by two RENAMEs': {
    seeds: [['SET', 'cur', 'v1']],
    commands: [
      ['SET', 'new', 'v2'],
      ['RENAME', 'cur', 'prev'],
      ['RENAME', 'new', 'cur'],
    ],
    left: ['cur', 'prev'],
  },
  'a key that was there takes the name of one of the test’s': {
    seeds: [['SET', 'cur', 'v1']],
    commands: [
      ['SET', 'name', 'v2'],
      ['RENAME', 'cur', 'name'],
    ],
    left: ['name'],
  },
  'a counter whose time is over between two steps': {
    seeds: [['SET', 'count', '1']],
    commands: [
      ['INCR', 'count'],
      ['EVAL', "return redis.call('DEL', 'count')", '0'],
      ['INCR', 'count'],
      ['EVAL', "return redis.call('DEL', 'count')", '0'],
      ['INCR', 'count'],
    ],
    left: ['count'],
  },
  'a database that is emptied, and what was in it made again beside a key that is new': {
    seeds: [['SET', 'a', '1'], list],
    commands: [['FLUSHDB'], ['SET', 'a', '1'], ['SET', 'new', '1'], list],
    left: ['a', 'k'],
  },
  'what is taken off a list or set that was there, under another name': {
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
    left: ['members', 'moved', 'others', 'popped', 'taken'],
  },
  'what is taken off a list or set of the test’s': {
    commands: [
      ['RPUSH', 'jobs', '1', '2'],
      ['SADD', 'members', 'a', 'b'],
      ['LMOVE', 'jobs', 'moved', 'LEFT', 'RIGHT'],
      ['RPOPLPUSH', 'jobs', 'popped'],
      ['SMOVE', 'members', 'others', 'a'],
    ],
    left: [],
  },
  'a key that a script deletes, and that is made again': {
    seeds: [['SET', 'set-up', '1']],
    commands: [
      ['EVAL', "return redis.call('DEL', KEYS[1])", '2', 'set-up', 'none'],
      ['SET', 'set-up', '1'],
      ['SET', 'none', '1'],
    ],
    left: ['set-up'],
  },
  'several keys are deleted, of which one was there': {
    seeds: [['SET', 'set-up', '1']],
    commands: [
      ['DEL', 'set-up', 'none'],
      ['SET', 'set-up', '1'],
      ['SET', 'none', '1'],
    ],
    left: ['set-up'],
  },
  'a key of the test’s that is emptied and filled again is the test’s': {
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
    left: [],
  },
}

describeOn(
  'redis',
  'what was there before',
  (server) => {
    let url: string

    beforeAll(async () => {
      url = await server.database()
    })

    describe.each(libraries)('$name', (library) => {
      test('taken and put back, by whichever command', async () => {
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
        test.each(Object.entries(courses))('%s', async (_, { seeds = [], commands, left }) => {
          const run = await beginTestRun(library, url)
          const { client, stranger } = run
          await stranger.send('FLUSHALL')
          for (const seed of seeds) await stranger.send(...seed)
          await run.test(async () => {
            if (way === 'send') for (const command of commands) await client.send(...command)
            else await client[way](commands)
          })
          expect(await run.keys()).toEqual(left)
        })
      })

      describe.each(['send', 'pipeline', 'multi'] as const)('%s', (way) => {
        test('a lock that a script gives back, and somebody else takes, is theirs', async () => {
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
      ])('of a queue that BullMQ keeps nothing is removed, and it is told: %j', async (options, warnings) => {
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

      test('a worker that waits for a key shows nothing of what was pushed meanwhile', async () => {
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

      test('after more keys were taken away than can be listed, nothing that is made there is tracked', async () => {
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

      test('a key that came and went within one pipeline or transaction is tracked when it is made again', async () => {
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
