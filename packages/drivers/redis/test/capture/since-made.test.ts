/** Keys of a test that change after their creation: type, name, database, expiry. */
import { describeOn } from '@dustpan/conformance/servers/describe-on'
import { beforeEach, expect, test } from 'vitest'
import type { TestRun } from '../run.ts'
import { withEachLibrary } from './each-library.ts'

type Command = readonly string[]

/** Waits until the server reports the key as gone. */
async function untilGone({ stranger }: TestRun, key: string): Promise<void> {
  while ((await stranger.send('EXISTS', key)) === 1);
}

/** Commands that overwrite a key of the test, which is still the test's. */
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

/** Commands that prolong a key: it is the test's after its first expiry time. */
const prolonged: readonly Command[] = [
  ['PERSIST', 'a'],
  ['EXPIRE', 'b', '100'],
  ['SET', 'c', '2'],
  ['SET', 'd', '2', 'XX'],
  ['GETEX', 'e', 'PERSIST'],
]

describeOn(
  'redis',
  'keys changed after their creation',
  (server) => {
    withEachLibrary(server, { ignoreKeys: ['tmp:*'] }, (run) => {
      beforeEach(async () => {
        await run.stranger.send('FLUSHALL')
        await run.stranger.send('SADD', 'seeds', '1')
      })

      const send = async (commands: readonly Command[]) => {
        for (const command of commands) await run.client.send(...command)
      }

      test.each(Object.entries(overwritten))(
        'a key of the test that the test overwrites %s is removed',
        async (_, commands) => {
          await run.test(() => send(commands))
          expect(await run.keys()).toEqual(['seeds'])
          await run.test(() => run.client.multi(commands))
          expect(await run.keys()).toEqual(['seeds'])
          expect(run.states()).not.toHaveProperty('refused')
        },
      )

      test('DUSTPAN_NOT_OURS: a key that another client sets after the test’s expired is kept', async () => {
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

      test('keys whose expiry the test prolonged are removed', async () => {
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

      test('a key is removed after an EXPIRE that had no effect', async () => {
        await run.test(async () => {
          await run.client.send('SET', 'k', '1')
          await run.client.send('EXPIRE', 'k', '0', 'XX')
        })
        expect(await run.keys()).toEqual(['seeds'])
      })

      test('after SWAPDB keys of both databases are kept with a warning', async () => {
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

      test('RENAME of an ignored key: the new key is removed only if the test created the old one', async () => {
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

      test('RENAME of a key kept for a failed test keeps it and warns with DUSTPAN_KEY_UNATTRIBUTED', async () => {
        await run.test(() => send([['SET', 'kept', '1']]), 'failed')
        await run.test(() => send([['RENAME', 'kept', 'renamed']]))
        expect(await run.keys()).toContain('renamed')
        expect(run.warnings()).toEqual([expect.stringMatching(/^DUSTPAN_KEY_UNATTRIBUTED: RENAME gives another name/)])
      })

      test('COPY … REPLACE into another database warns with DUSTPAN_KEY_UNATTRIBUTED', async () => {
        await run.test(() => send([['COPY', 'seeds', 'copy', 'DB', '12', 'REPLACE']]))
        expect(run.warnings()).toEqual([expect.stringMatching(/^DUSTPAN_KEY_UNATTRIBUTED: .*COPY … DB … REPLACE/)])
      })
    })
  },
  { own: true },
)
