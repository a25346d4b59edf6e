/** BullMQ queues that do not write `…:meta` when they are created (`skipMetasUpdate`, FlowProducer). */
import { describeOn } from '@dustpan/conformance/servers/describe-on'
import { expect, test } from 'vitest'
import { withEachLibrary } from './each-library.ts'

type Command = readonly string[]

/** Adds a job, as BullMQ's own script does. */
const script = "redis.call('HSET', KEYS[3], 'added', 1) redis.call('XADD', KEYS[4], '*', 'event', 'added')"
const keys = ['wait', 'id', 'meta', 'events'].map((one) => `bull:mails:${one}`)
const limit = ['SET', 'bull:mails:limiter', String(Number.MAX_SAFE_INTEGER), 'PX', '60000']

const queues: {
  readonly [title: string]: { readonly commands: readonly Command[]; readonly remaining: readonly string[] }
} = {
  'with a limiter key': { commands: [limit], remaining: ['bull:mails:limiter'] },
  'with an added job': {
    commands: [
      ['EVAL', script, '4', ...keys, 'data'],
      ['RPUSH', 'bull:mails:1:logs', 'sent'],
    ],
    remaining: ['bull:mails:1:logs', 'bull:mails:events', 'bull:mails:meta'],
  },
  'with limited concurrency': {
    commands: [['HSET', 'bull:mails:meta', 'concurrency', '3']],
    remaining: ['bull:mails:meta'],
  },
  'with a limited rate': {
    commands: [['HSET', 'bull:mails:meta', 'max', '3', 'duration', '1000']],
    remaining: ['bull:mails:meta'],
  },
}

describeOn('redis', 'queues of BullMQ', (server) => {
  withEachLibrary(server, {}, (run) => {
    test.each(Object.entries(queues))(
      'keys of a queue %s are kept, with DUSTPAN_KEY_UNATTRIBUTED',
      async (_, { commands, remaining }) => {
        await run.test(async () => {
          for (const command of commands) await run.client.send(...command)
        })
        expect(await run.keys()).toEqual(remaining)
        expect(run.warnings()).toContainEqual(
          expect.stringMatching(/^DUSTPAN_KEY_UNATTRIBUTED: BullMQ .*bull:mails:\*/),
        )
      },
    )

    test('keys that only have names like those of a queue are removed', async () => {
      await run.test(async () => {
        await run.client.send('HSET', 'video:7:meta', 'duration', '10')
        await run.client.send('SET', 'api:limiter', '5', 'PX', '60000')
      })
      expect(await run.keys()).toEqual([])
      expect(run.warnings()).toEqual([])
    })
  })
})
