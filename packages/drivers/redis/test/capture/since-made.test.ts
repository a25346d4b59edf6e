/** What becomes of a test's keys after they were made: another type, another name, another database, the end of their time. */
import { describeOn } from '@dustpan/conformance/servers/describe-on'
import { beforeEach, expect, test } from 'vitest'
import type { TestRun } from '../run.ts'
import { withEachLibrary } from './each-library.ts'

type Command = readonly string[]

/** Until the server itself says that the key is gone. */
async function untilGone({ stranger }: TestRun, key: string): Promise<void> {
  while ((await stranger.send('EXISTS', key)) === 1);
}

/** Each makes another thing of a key of the test's, which stays the test's. */
const overwritten: { readonly [title: string]: readonly Command[] } = {
  'by SET': [
    ['HSET', 'k', 'f', '1'],
    ['SET', 'k', '1'],
  ],
  'by RENAME': [
    ['SET', 'k', '1'],
    ['HSET', 'other', 'f', '1'],
    ['RENAME', 'other', 'k'],
  ],
  'by SUNIONSTORE': [
    ['SET', 'k', '1'],
    ['SUNIONSTORE', 'k', 'seeds'],
  ],
  'by COPY … REPLACE': [
    ['SET', 'k', '1'],
    ['COPY', 'seeds', 'k', 'REPLACE'],
  ],
}

/** A key whose first time is over stays the test's where the test itself has given it another one. */
const prolonged: readonly Command[] = [
  ['PERSIST', 'a'],
  ['EXPIRE', 'b', '100'],
  ['SET', 'c', '2'],
  ['SET', 'd', '2', 'XX'],
  ['GETEX', 'e', 'PERSIST'],
]

describeOn(
  'redis',
  'keys since they were made',
  (server) => {
    withEachLibrary(server, { ignoreKeys: ['tmp:*'] }, (run) => {
      beforeEach(async () => {
        await run.stranger.send('FLUSHALL')
        await run.stranger.send('SADD', 'seeds', '1')
      })

      const send = async (commands: readonly Command[]) => {
        for (const command of commands) await run.client.send(...command)
      }

      test.each(Object.entries(overwritten))('overwritten %s', async (_, commands) => {
        await run.test(() => send(commands))
        expect(await run.keys()).toEqual(['seeds'])
        await run.test(() => run.client.multi(commands))
        expect(await run.keys()).toEqual(['seeds'])
        expect(run.states()).not.toHaveProperty('refused')
      })

      test('what is there after the end of its time is somebody else’s', async () => {
        await run.test(async () => {
          await run.client.send('SET', 'lock', 'me', 'PX', '20', 'NX')
          await run.client.send('INCR', 'rate')
          await run.client.send('PEXPIRE', 'rate', '20')
          await run.client.send('SET', 'own', 'me', 'PX', '20')
          for (const key of ['lock', 'rate', 'own']) await untilGone(run, key)
          await run.stranger.send('MSET', 'lock', 'other', 'rate', '9')
          await run.client.send('SET', 'own', 'again')
        })
        expect(await run.keys()).toEqual(['lock', 'rate', 'seeds'])
        const refused = run.resources().filter(({ state }) => state === 'refused')
        expect(refused.map(({ key, error }) => [key, error?.code])).toEqual([
          ['lock', 'DUSTPAN_NOT_OURS'],
          ['rate', 'DUSTPAN_NOT_OURS'],
        ])
      })

      test('a time that the test itself has changed counts', async () => {
        const keys = prolonged.map(([, key = '']) => key)
        await run.test(async () => {
          const soon = String(Date.now() + 1000)
          for (const key of [...keys, 'until']) await run.client.send('SET', key, '1', 'PXAT', soon)
          await send(prolonged)
          await untilGone(run, 'until')
          expect(await run.stranger.send('EXISTS', ...keys)).toBe(keys.length)
        })
        expect(await run.keys()).toEqual(['seeds'])
      })

      test('EXPIRE that is refused changes nothing', async () => {
        await run.test(async () => {
          await run.client.send('SET', 'k', '1')
          await run.client.send('EXPIRE', 'k', '0', 'XX')
        })
        expect(await run.keys()).toEqual(['seeds'])
      })

      test('after SWAPDB no record of either database is trusted', async () => {
        const own = new URL(run.url).pathname.slice(1)
        await run.stranger.send('SET', 'both', 'here')
        await run.stranger.send('SELECT', '13')
        await run.stranger.send('SET', 'made', 'there')
        await run.test(async () => {
          await run.client.send('SET', 'made', '1')
          await run.client.send('SWAPDB', own, '13')
        })
        expect(await run.keys()).toEqual(['both', 'made', 'seeds'])
        await run.stranger.send('SELECT', own)
        expect(await run.keys()).toEqual(['made'])
        expect(run.warnings()).toEqual([expect.stringMatching(/^DUSTPAN_KEY_UNATTRIBUTED: After SWAPDB/)])
      })

      test('RENAME of a key whose name is not tracked: the new name is the test’s if it was made by it', async () => {
        await run.stranger.send('SET', 'tmp:seed', '1')
        await run.test(() =>
          send([
            ['SET', 'tmp:own', '1'],
            ['RENAME', 'tmp:own', 'own'],
            ['RENAME', 'tmp:seed', 'seed'],
          ]),
        )
        expect(await run.keys()).toEqual(['seed', 'seeds'])
        expect(run.states()).toEqual({ removed: 1 })
      })

      test('RENAME of a key that a failed test keeps is told', async () => {
        await run.test(() => send([['SET', 'kept', '1']]), 'failed')
        await run.test(() => send([['RENAME', 'kept', 'renamed']]))
        expect(await run.keys()).toContain('renamed')
        expect(run.warnings()).toEqual([expect.stringMatching(/^DUSTPAN_KEY_UNATTRIBUTED: RENAME gives another name/)])
      })

      test('COPY … REPLACE into another database is told', async () => {
        await run.test(() => send([['COPY', 'seeds', 'copy', 'DB', '12', 'REPLACE']]))
        expect(run.warnings()).toEqual([expect.stringMatching(/^DUSTPAN_KEY_UNATTRIBUTED: .*COPY … DB … REPLACE/)])
      })
    })
  },
  { own: true },
)
