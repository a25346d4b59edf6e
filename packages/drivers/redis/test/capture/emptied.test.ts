/** A key of the test is gone once the test emptied it: a key that another client then sets is not removed. */

import { server as servers } from '@dustpan/conformance/servers'
import { describeOn } from '@dustpan/conformance/servers/describe-on'
import { expect, onTestFinished, test } from 'vitest'
import { withEachLibrary } from './each-library.ts'

type Command = readonly string[]

const list = ['RPUSH', 'k', '1']
const set = ['SADD', 'k', '1']
const zset = ['ZADD', 'k', '1', 'a']
const hash = ['HSET', 'k', 'f', '1']
const text = ['SET', 'k', 'text']

/** Commands that take the only element. */
const emptied: readonly (readonly [make: Command, take: Command])[] = [
  [list, ['LPOP', 'k']],
  [list, ['RPOP', 'k', '2']],
  [list, ['BLPOP', 'none', 'k', '1']],
  [list, ['BRPOP', 'k', '1']],
  [list, ['LMPOP', '2', 'none', 'k', 'LEFT']],
  [list, ['BLMPOP', '1', '2', 'none', 'k', 'LEFT']],
  [list, ['LREM', 'k', '0', '1']],
  [list, ['LTRIM', 'k', '1', '0']],
  [list, ['LMOVE', 'k', 'to', 'LEFT', 'RIGHT']],
  [list, ['RPOPLPUSH', 'k', 'to']],
  [list, ['BLMOVE', 'k', 'to', 'LEFT', 'RIGHT', '1']],
  [list, ['BRPOPLPUSH', 'k', 'to', '1']],
  [set, ['SPOP', 'k']],
  [set, ['SPOP', 'k', '2']],
  [set, ['SREM', 'k', '1']],
  [set, ['SMOVE', 'k', 'tos', '1']],
  [zset, ['ZPOPMIN', 'k']],
  [zset, ['BZPOPMAX', 'k', '1']],
  [zset, ['ZMPOP', '1', 'k', 'MIN']],
  [zset, ['BZMPOP', '1', '1', 'k', 'MIN']],
  [zset, ['ZREM', 'k', 'a']],
  [zset, ['ZREMRANGEBYRANK', 'k', '0', '-1']],
  [hash, ['HDEL', 'k', 'f']],
]

/** Commands whose reply proves that the test's key no longer exists. */
const absent: readonly (readonly [make: Command, ask: Command])[] = [
  [text, ['SET', 'k', '1', 'XX']],
  [text, ['SET', 'k', '1', 'XX', 'GET']],
  [text, ['GETEX', 'k', 'PERSIST']],
  [list, ['LPOP', 'k']],
  [set, ['SREM', 'k', '1']],
  [hash, ['HDEL', 'k', 'f']],
]

describeOn('redis', 'keys that the test emptied', (server) => {
  withEachLibrary(server, {}, (run, library) => {
    const named = (command: Command, name: string) => command.map((one) => (one === 'k' ? name : one))

    test.each(['send', 'pipeline', 'multi'] as const)(
      'a key set again by another client is kept, whichever command emptied it: %s',
      async (way) => {
        const names = emptied.map(([, take], index) => `${index} ${take[0]}`)
        await run.test(async () => {
          for (const [index, [make, take]] of emptied.entries()) {
            const name = names[index] as string
            const all = [named(make, name), named(take, name)]
            if (way === 'send') for (const command of all) await run.client.send(...command)
            else await run.client[way](all)
            await run.client.send('PING')
            await run.stranger.send(...named(make, name))
          }
          await run.stranger.send('DEL', 'to', 'tos')
        })
        expect(await run.keys()).toEqual([...names].sort())
      },
    )

    test('a key set again by another client is kept once a reply proved the test’s key gone', async () => {
      const names = absent.map(([, ask], index) => `${index} ${ask[0]}`)
      await run.test(async () => {
        for (const [index, [make, ask]] of absent.entries()) {
          const name = names[index] as string
          await run.client.send(...named(make, name))
          await run.stranger.send('DEL', name)
          await run.client.send(...named(ask, name))
          await run.stranger.send(...named(make, name))
        }
      })
      expect(await run.keys()).toEqual([...names].sort())
    })

    test('an emptied queue that another client fills again is kept', async () => {
      await run.test(async () => {
        await run.client.send('LPUSH', 'jobs', 'j1')
        await run.client.send('RPOPLPUSH', 'jobs', 'processing')
        await run.client.send('LREM', 'processing', '1', 'j1')
        await run.stranger.send('LPUSH', 'jobs', 'real')
        await run.stranger.send('LPUSH', 'processing', 'real')
      })
      expect(await run.keys()).toEqual(['jobs', 'processing'])
      expect(run.warnings()).toEqual([])
    })

    test('a partly emptied key, and one that the test fills again, are removed', async () => {
      await run.test(async () => {
        await run.client.send('RPUSH', 'some', '1', '2')
        await run.client.send('LPOP', 'some')
        await run.client.send('RPUSH', 'again', '1')
        await run.client.send('LPOP', 'again')
        await run.client.pipeline([
          ['RPUSH', 'again', '2'],
          ['LPOP', 'again'],
          ['RPUSH', 'again', '3'],
        ])
      })
      expect(await run.keys()).toEqual([])
      const removed = run.resources().filter(({ state }) => state === 'removed')
      expect(new Set(removed.map(({ key }) => key))).toEqual(new Set(['some', 'again']))
    })

    test('without the right to EXISTS, a key that may have been emptied is kept with a warning', async () => {
      await run.stranger.send('ACL', 'SETUSER', 'blind', 'on', '>pass', '~*', '+@all', '-exists')
      onTestFinished(() => run.stranger.send('ACL', 'DELUSER', 'blind').then(() => {}))
      const client = await library.open(run.url.replace('://', '://blind:pass@'))
      onTestFinished(() => client[Symbol.asyncDispose]())
      await run.test(async () => {
        await client.send('RPUSH', 'jobs', '1')
        await client.send('RPUSH', 'left', '1')
        await client.send('LPOP', 'jobs')
        await run.stranger.send('RPUSH', 'jobs', 'real')
      })
      expect(await run.keys()).toEqual(['jobs'])
      expect(run.warnings()).toEqual([expect.stringMatching(/could not check whether a key of the test still exists/)])
    })

    test('keys set again after MIGRATE moved them away are kept', async ({ skip }) => {
      const other = await servers('valkey', {})
      if ('missing' in other) return skip(other.missing)
      const { hostname, port } = new URL(await other.database())
      onTestFinished(() => other[Symbol.asyncDispose]())
      await run.stranger.send('SET', 'prior', '1')
      await run.test(async () => {
        await run.client.send('SET', 'own', '1')
        await run.client.send('MIGRATE', hostname, port, 'own', '11', '5000', 'REPLACE')
        await run.stranger.send('SET', 'own', 'theirs')
        await run.client.send('MIGRATE', hostname, port, 'prior', '11', '5000', 'REPLACE')
        await run.client.send('SET', 'prior', '1')
      })
      expect(await run.keys()).toEqual(['own', 'prior'])
    })

    test('keys set again after an unknown command deleted them are kept with a warning', async () => {
      await run.stranger.send('SET', 'prior', '1')
      const dump = (await run.stranger.send('DUMP', 'prior')) as Buffer
      // Its expiry time is in the past, so the server deletes the key.
      const del = (key: string) => run.client.send('RESTORE-ASKING', key, '1', dump, 'ABSTTL', 'REPLACE')
      await run.test(async () => {
        await run.client.send('SET', 'own', '1')
        await del('own')
        await run.stranger.send('SET', 'own', 'theirs')
        await del('prior')
        await run.client.send('SET', 'prior', '1')
      })
      expect(await run.keys()).toEqual(['own', 'prior'])
      expect(run.warnings()).toEqual([expect.stringMatching(/does not know the command RESTORE-ASKING/)])
    })
  })
})
