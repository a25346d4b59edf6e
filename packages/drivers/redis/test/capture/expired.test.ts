/** A key of the test is gone once it expired: a key of the same name is another client's, whatever the test does to it. */
import { describeOn } from '@dustpan/conformance/servers/describe-on'
import { describe, expect, test } from 'vitest'
import type { TestRun } from '../run.ts'
import { withEachLibrary } from './each-library.ts'

type Command = readonly string[]

/** Waits until the server reports the key as gone. */
async function untilGone({ stranger }: TestRun, key: string): Promise<void> {
  while ((await stranger.send('EXISTS', key)) === 1);
}

/** Another client's key of the same name, and what the test then does to it. */
const touched: {
  readonly [title: string]: readonly [theirs: Command, commands: readonly Command[], remaining: string]
} = {
  EXPIRE: [['SET', 'k', '7'], [['EXPIRE', 'k', '3600']], 'k'],
  PEXPIRE: [
    ['SET', 'k', '7'],
    [
      ['INCR', 'k'],
      ['PEXPIRE', 'k', '60000'],
    ],
    'k',
  ],
  PERSIST: [['SET', 'k', '7', 'EX', '3600'], [['PERSIST', 'k']], 'k'],
  GETEX: [['SET', 'k', '7'], [['GETEX', 'k', 'EX', '3600']], 'k'],
  SET: [['SET', 'k', '7'], [['SET', 'k', '8']], 'k'],
  'SET … XX': [['SET', 'k', '7'], [['SET', 'k', '8', 'XX', 'EX', '3600']], 'k'],
  'DEL and SET': [
    ['SET', 'k', '7'],
    [
      ['EXPIRE', 'k', '3600'],
      ['DEL', 'k'],
      ['SET', 'k', '8'],
    ],
    'k',
  ],
  RENAME: [['SET', 'k', '7'], [['RENAME', 'k', 'to']], 'to'],
  LMOVE: [['RPUSH', 'k', 'real', 'job'], [['LMOVE', 'k', 'to', 'LEFT', 'RIGHT']], 'to'],
  'RENAME of an ignored key': [['SET', 'tmp:k', '7'], [['RENAME', 'tmp:k', 'to']], 'to'],
}

/** Commands that pass the time to live of `a` on, and the key that gets it. */
const carried: { readonly [title: string]: readonly [commands: readonly Command[], to: string] } = {
  RENAME: [[['RENAME', 'a', 'b']], 'b'],
  RENAMENX: [[['RENAMENX', 'a', 'b']], 'b'],
  'RENAME over a key of the test’s': [
    [
      ['SET', 'b', '1'],
      ['RENAME', 'a', 'b'],
    ],
    'b',
  ],
  'RENAME of an ignored key': [
    [
      ['SET', 'tmp:a', '1', 'PX', '200'],
      ['RENAME', 'tmp:a', 'b'],
    ],
    'b',
  ],
  COPY: [[['COPY', 'a', 'b']], 'b'],
  'COPY of a copy': [
    [
      ['COPY', 'a', 'b'],
      ['COPY', 'b', 'c'],
    ],
    'c',
  ],
  'COPY … REPLACE over a key of the test’s': [
    [
      ['SET', 'b', '1'],
      ['COPY', 'a', 'b', 'REPLACE'],
    ],
    'b',
  ],
  'COPY of another client’s key': [[['COPY', 'theirs', 'b']], 'b'],
}

describeOn('redis', 'expired keys', (server) => {
  withEachLibrary(server, { ignoreKeys: ['tmp:*'] }, (run) => {
    test.each(Object.entries(touched))(
      'another client’s key set after the test’s expired is kept after the test’s %s',
      async (_, [theirs, commands, remaining]) => {
        const [name = '', key = '', ...values] = theirs
        await run.test(async () => {
          if (name === 'SET') await run.client.send('SET', key, 'mine', 'PX', '20')
          else await run.client.send(name, key, ...values)
          await run.client.send('PEXPIRE', key, '20')
          await untilGone(run, key)
          await run.stranger.send(...theirs)
          for (const command of commands) await run.client.send(...command)
        })
        expect(await run.keys()).toContain(remaining)
      },
    )

    describe.each(['send', 'pipeline', 'multi'] as const)('%s', (way) => {
      test.each(Object.entries(carried))(
        '%s passes the time to live on: a key that another client sets after it is kept',
        async (_, [commands, to]) => {
          await run.stranger.send('SET', 'theirs', '1', 'PX', '200')
          await run.test(async () => {
            const all = [['SET', 'a', 'mine', 'PX', '200'], ...commands]
            if (way === 'send') for (const command of all) await run.client.send(...command)
            else await run.client[way](all)
            await untilGone(run, to)
            await run.stranger.send('SET', to, 'real')
          })
          expect(await run.keys()).toContain(to)
        },
      )
    })

    test('keys that RENAME and COPY made of a key without expiry are removed', async () => {
      await run.stranger.send('SET', 'theirs', '1')
      await run.test(async () => {
        const soon = String(Date.now() + 1000)
        await run.client.send('SET', 'a', 'mine', 'PXAT', soon)
        await run.client.send('PERSIST', 'a')
        await run.client.send('COPY', 'a', 'b')
        await run.client.send('RENAME', 'a', 'c')
        await run.client.send('COPY', 'theirs', 'd')
        await run.client.send('SET', 'until', '1', 'PXAT', soon)
        await untilGone(run, 'until')
      })
      expect(await run.keys()).toEqual(['theirs'])
    })

    test('SET … NX GET that wrote nothing does not change the recorded expiry', async () => {
      await run.test(async () => {
        await run.client.send('SET', 'lock', 'a', 'PX', '50')
        await run.client.send('SET', 'lock', 'b', 'NX', 'GET')
        await untilGone(run, 'lock')
        await run.stranger.send('SET', 'lock', 'theirs')
      })
      expect(await run.keys()).toEqual(['lock'])
    })
  })
})
