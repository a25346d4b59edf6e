/** A server that is out of memory. */
import { createRequire } from 'node:module'
import { expect, onTestFinished, test } from 'vitest'
import { freshCopy } from '../../src/drivers/index.ts'
import { beginIn, projectFolder } from '../../src/run/index.ts'
import { describeOn } from '../../src/servers/describe-on.ts'

const require = createRequire(new URL('../../../drivers/redis/package.json', import.meta.url))
const ioredis = require('ioredis') as { Redis: new (url: string) => Client }
const stranger = freshCopy<typeof ioredis>(require, 'ioredis')

interface Client {
  set(key: string, value: string): Promise<unknown>
  keys(pattern: string): Promise<string[]>
  config(act: 'SET', name: string, value: string): Promise<unknown>
  quit(): Promise<unknown>
}

describeOn(
  'redis',
  'out of memory',
  (server) => {
    test('a refused write is not recorded and its error is unchanged, and keys written before are removed', async () => {
      const url = await server.database()
      const drivers = [{ use: '@dustpan/redis', name: 'main', options: { url } }]
      await using run = await beginIn(projectFolder('@dustpan/redis', { drivers }), [ioredis])
      const [client, other] = [new ioredis.Redis(url), new stranger.Redis(url)]
      onTestFinished(async () => void (await Promise.all([client.quit(), other.quit()])))
      const bare = () => other.set('theirs', 'x').then(String, String)

      await run.test(async () => {
        for (const key of ['a', 'b']) await client.set(key, 'small')
        await other.config('SET', 'maxmemory', '1')
        const refused = await client.set('c', 'x').then(String, String)
        expect(refused).toMatch(/OOM command not allowed/)
        expect(refused).toBe(await bare())
      })
      expect(run.states()).toEqual({ removed: 2 })
      expect(await other.keys('*')).toEqual([])
      await other.config('SET', 'maxmemory', '0')
      await run.test(() => client.set('d', 'again'))
      expect(run.states()).toEqual({ removed: 3 })
    })
  },
  { flags: ['--maxmemory-policy', 'noeviction'] },
)
