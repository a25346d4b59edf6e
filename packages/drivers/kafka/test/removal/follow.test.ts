import { describe, expect, test } from 'vitest'
import { startRun } from '../run.ts'
import { kafkaJs, producerOf, strangersKafka, useBroker } from '../server.ts'
import { createStrangersTopic, newName } from '../topics.ts'

useBroker()

const results = (report: { scopes: readonly { resources: readonly { result?: string }[] }[] } | undefined) =>
  report?.scopes.flatMap(({ resources }) => resources.map(({ result }) => result))

const send = async (topic: string, ...keys: string[]) =>
  (await producerOf(kafkaJs())).send({ topic, messages: keys.map((key) => ({ key, value: 'v' })) })

/** Reads and commits until disposed. */
async function consume(groupId: string, topic: string): Promise<AsyncDisposable> {
  const consumer = strangersKafka().consumer({ groupId, maxWaitTimeInMs: 50 })
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  await consumer.run({ eachMessage: async () => {} })
  return { [Symbol.asyncDispose]: () => consumer.disconnect() }
}

describe('outcome of messages', () => {
  test('messages are consumed once the group’s offset is past them, and the end of the test waits for it', async () => {
    const [topic, group] = [await createStrangersTopic(), newName('group')]
    const run = await startRun({ consumedBy: group, consumedWithin: '20s' })
    await using _consumer = await consume(group, topic)
    const report = await run.test(() => send(topic, 'a', 'b'))
    expect(results(report)).toEqual([`consumed by ${group}`, `consumed by ${group}`])
    expect(run.resources().map(({ state, result }) => [state, result])).toEqual([
      ['audit', `consumed by ${group}`],
      ['audit', `consumed by ${group}`],
    ])
  })

  test('messages that the group did not reach in time are not consumed, also after a failed test', async () => {
    const [topic, group] = [await createStrangersTopic(), newName('group')]
    const run = await startRun({ consumedBy: { [topic]: group }, consumedWithin: 0 })
    const other = await createStrangersTopic()
    const report = await run.test(async () => {
      await send(topic, 'a')
      await send(other, 'b')
    }, 'failed')
    expect(results(report)).toEqual([`not consumed by ${group}`, 'there to be read'])
  })

  test('the group’s offset is read before the topic is deleted', async () => {
    const [topic, group] = [newName(), newName('group')]
    const run = await startRun({ consumedBy: group, consumedWithin: '20s' })
    await run.test(async () => {
      await send(topic, 'a')
      const consumer = await consume(group, topic)
      // The consumer commits its offset when it disconnects.
      await new Promise((resolve) => setTimeout(resolve, 300))
      await consumer[Symbol.asyncDispose]()
    })
    expect(run.resources().map(({ set, state, result }) => [set.type, state, result])).toEqual([
      ['message', 'audit', `consumed by ${group}`],
      ['topic', 'removed', 'deleted'],
    ])
  })

  test.each([
    ['auto', undefined],
    ['read-back', 'there to be read'],
  ])('without a group messages are read back only with verify read-back: %s', async (verify, result) => {
    const topic = await createStrangersTopic()
    const run = await startRun({}, { cleanup: { verify } })
    expect(results(await run.test(() => send(topic, 'a')))).toEqual([result])
  })

  test('the outcome is unknown when the cluster refuses the login, and the test ends', async () => {
    const topic = await createStrangersTopic()
    const run = await startRun({ consumedBy: 'a', sasl: { username: 'u', password: 'a-wrong-password' } })
    const [result] = results(await run.test(() => send(topic, 'a'))) ?? []
    expect(result).toMatch(/^outcome unknown: The Kafka broker refused PLAIN: it takes no SASL there/)
    expect(JSON.stringify(run.resources())).not.toContain('a-wrong-password')
  })
})
