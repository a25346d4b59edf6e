/** Commands that only Valkey has: SET … IFEQ, DELIFEQ. */
import { describeOn } from '@dustpan/conformance/servers/describe-on'
import { expect, test } from 'vitest'
import { withEachLibrary } from './each-library.ts'

describeOn('valkey', 'conditional commands', (server) => {
  withEachLibrary(server, {}, (run) => {
    test('SET … IFEQ of a missing key tracks nothing', async () => {
      await run.test(async () => {
        expect(await run.client.send('SET', 'lock', 'renewed', 'IFEQ', 'my-token')).toBe(null)
        expect(await run.client.send('SET', 'other', 'renewed', 'IFEQ', 'my-token', 'GET')).toBe(null)
        await run.stranger.send('MSET', 'lock', 'theirs', 'other', 'theirs')
      })
      expect(await run.keys()).toEqual(['lock', 'other'])
      expect(run.states()).toEqual({})
    })

    test('SET … IFEQ changes the recorded expiry only if it writes', async () => {
      const gone = async (key: string) => {
        while ((await run.stranger.send('EXISTS', key)) === 1);
      }
      await run.test(async () => {
        for (const key of ['a', 'b', 'c', 'd']) await run.client.set(key, 'mine')
        await run.client.send('SET', 'a', 'mine', 'IFEQ', 'mine', 'PX', '20')
        await run.client.send('SET', 'b', 'mine', 'IFEQ', 'mine', 'GET', 'PX', '20')
        await run.client.send('SET', 'c', 'mine', 'IFEQ', 'PX', 'PX', '20')
        await run.client.send('SET', 'd', 'mine', 'IFEQ', 'other', 'GET', 'PX', '20')
        for (const key of ['a', 'b']) await gone(key)
        await run.stranger.send('MSET', 'a', 'theirs', 'b', 'theirs')
      })
      expect(await run.keys()).toEqual(['a', 'b'])
    })

    test('a lock released by DELIFEQ and taken by another client is kept', async () => {
      await run.test(async () => {
        await run.client.send('SET', 'lock', 'tok', 'NX', 'PX', '60000')
        expect(await run.client.send('DELIFEQ', 'lock', 'tok')).toBe(1)
        await run.stranger.send('SET', 'lock', 'theirs')
      })
      expect(await run.keys()).toEqual(['lock'])
      expect(run.warnings()).toEqual([])
    })

    test('an existing key deleted by DELIFEQ and set again is kept', async () => {
      await run.stranger.send('SET', 'prior', 'tok')
      await run.test(async () => {
        expect(await run.client.send('DELIFEQ', 'prior', 'tok')).toBe(1)
        await run.client.set('prior', '1')
      })
      expect(await run.keys()).toEqual(['prior'])
    })
  })
})
