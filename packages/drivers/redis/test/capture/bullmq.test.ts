/** Queues of BullMQ that do not write `…:meta` when they are made (`skipMetasUpdate`, FlowProducer). */
import { describeOn } from '@dustpan/conformance/servers/describe-on'
import { expect, test } from 'vitest'
import { withEachLibrary } from './each-library.ts'

type Command = readonly string[]

/** As its script has it: a job is added. */
const script = "redis.call('HSET', KEYS[3], 'added', 1) redis.call('XADD', KEYS[4], '*', 'event', 'added')"
const keys = ['wait', 'id', 'meta', 'events'].map((one) => `bull:mails:${one}`)
const limit = ['SET', 'bull:mails:limiter', String(Number.MAX_SAFE_INTEGER), 'PX', '60000']

const queues: {
  readonly [title: string]: { readonly commands: readonly Command[]; readonly left: readonly string[] }
} = {
  'that is rate limited': { commands: [limit], left: ['bull:mails:limiter'] },
  'to which a job was added': {
    commands: [
      ['EVAL', script, '4', ...keys, 'data'],
      ['RPUSH', 'bull:mails:1:logs', 'sent'],
    ],
    left: ['bull:mails:1:logs', 'bull:mails:events', 'bull:mails:meta'],
  },
  'whose concurrency is limited': {
    commands: [['HSET', 'bull:mails:meta', 'concurrency', '3']],
    left: ['bull:mails:meta'],
  },
  'whose rate is limited': {
    commands: [['HSET', 'bull:mails:meta', 'max', '3', 'duration', '1000']],
    left: ['bull:mails:meta'],
  },
}

describeOn('redis', 'queues of BullMQ', (server) => {
  withEachLibrary(server, {}, (run) => {
    test.each(Object.entries(queues))('a queue %s stays, and it is told', async (_, { commands, left }) => {
      await run.test(async () => {
        for (const command of commands) await run.client.send(...command)
      })
      expect(await run.keys()).toEqual(left)
      expect(run.warnings()).toContainEqual(expect.stringMatching(/^DUSTPAN_KEY_UNATTRIBUTED: BullMQ .*bull:mails:\*/))
    })

    test('a hash that is only called alike is tracked', async () => {
      await run.test(async () => {
        await run.client.send('HSET', 'video:7:meta', 'duration', '10')
        await run.client.send('SET', 'api:limiter', '5', 'PX', '60000')
      })
      expect(await run.keys()).toEqual([])
      expect(run.warnings()).toEqual([])
    })
  })
})
