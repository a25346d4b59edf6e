import { describe, expect, test } from 'vitest'
import { readAll } from '../read-all.ts'
import { startRun } from '../run.ts'
import { connected, kafkaJs, producerOf, strangersKafka, topics, useBroker } from '../server.ts'
import { createStrangersTopic, newName as name } from '../topics.ts'

useBroker()

describe('messages', () => {
  test('messages are recorded with topic, partition, offset and key, counted as audit, and not removed', async () => {
    const topic = await createStrangersTopic()
    const run = await startRun()
    const report = await run.test(async () => {
      const producer = await producerOf(kafkaJs())
      const messages = [{ key: 'user_1', value: 'the payload' }, { value: 'no key' }]
      const frozen = Object.freeze(messages.map((message) => Object.freeze(message)))
      await producer.send({ topic, messages: frozen as typeof messages })
    })
    expect(run.resources().map(({ state, set, key }) => [state, set.type, key])).toEqual([
      ['audit', 'message', [topic, 0, 0, 'user_1']],
      ['audit', 'message', [topic, 0, 1]],
    ])
    expect(report?.totals).toMatchObject({ audit: 2, tracked: 2, kept: 0, live: 0, removed: 0 })
    await run.cleanUp()
    const read = await readAll(topic, 2)
    expect(read.map(({ value }) => value)).toEqual(['the payload', 'no key'])
    expect(read[0]?.headers).toEqual({
      'test-run-id': run.id,
      'flow-id': 'a.test.ts > test 1',
      baggage: expect.stringContaining(run.id),
    })
    expect(JSON.stringify(run.folded(), (_, v) => (v instanceof Map ? [...v] : v))).not.toContain('the payload')
  })

  test('messages to several partitions and topics are each recorded with their partition and offset', async () => {
    const [one, two] = [await createStrangersTopic(3), await createStrangersTopic()]
    const run = await startRun()
    await run.test(async () => {
      const producer = await producerOf(kafkaJs())
      const keys = Array.from({ length: 12 }, (_, i) => `key-${i}`)
      await producer.sendBatch({
        topicMessages: [
          { topic: one, messages: keys.map((key) => ({ key, value: key })) },
          { topic: two, messages: [{ key: 'last', value: 'last' }] },
          { topic: one, messages: [{ key: 'fixed', value: 'fixed', partition: 2 }] },
        ],
      })
    })
    const recorded = run
      .resources()
      .map(({ key }) => JSON.stringify(key))
      .sort()
    const read = [...(await readAll(one, 13)), ...(await readAll(two, 1))]
    expect(recorded).toEqual(
      read.map(({ topic, partition, offset, key }) => JSON.stringify([topic, partition, offset, key])).sort(),
    )
  })

  test('messages of an aborted transaction are gone, those of a committed one are recorded', async () => {
    const topic = await createStrangersTopic()
    const run = await startRun()
    await run.test(async () => {
      const producer = await producerOf(kafkaJs(), {
        transactionalId: name('tx'),
        idempotent: true,
        maxInFlightRequests: 1,
      })
      const first = await producer.transaction()
      await first.send({ topic, messages: [{ key: 'aborted', value: 'a' }] })
      await first.abort()
      const second = await producer.transaction()
      await second.sendBatch({ topicMessages: [{ topic, messages: [{ key: 'committed', value: 'c' }] }] })
      await second.commit()
    })
    expect(run.resources().map(({ state, key }) => [state, (key as string[])[3]])).toEqual([
      ['gone', 'aborted'],
      ['audit', 'committed'],
    ])
    expect(run.folded().openTransactions.size).toBe(0)
  })

  test('a header that the message already has is kept, and headers can be renamed or turned off', async () => {
    const topic = await createStrangersTopic()
    const run = await startRun({ headers: { run: 'x-run', flow: false, baggage: false } })
    await run.test(async () => {
      const producer = await producerOf(kafkaJs())
      await producer.send({
        topic,
        messages: [{ value: 'a', headers: { 'x-run': 'mine', other: 'o' } }, { value: 'b' }],
      })
    })
    expect((await readAll(topic, 2)).map(({ headers }) => headers)).toEqual([
      { 'x-run': 'mine', other: 'o' },
      { 'x-run': run.id },
    ])
  })

  test.each([
    ['in the driver options', { headers: false }, {}],
    ['in the metadata configuration', {}, { metadata: { headers: false } }],
  ])('messages get no headers with headers: false %s', async (_, options, config) => {
    const topic = await createStrangersTopic()
    const run = await startRun(options, config)
    await run.test(async () => (await producerOf(kafkaJs())).send({ topic, messages: [{ value: 'a' }] }))
    expect((await readAll(topic, 1))[0]?.headers).toEqual({})
    expect(run.resources()).toHaveLength(1)
  })

  test('DUSTPAN_UNKNOWN_DRIVER: messages to an unserved cluster are not tracked and get no headers', async () => {
    const topic = await createStrangersTopic()
    const run = await startRun({ brokers: 'localhost:1' })
    await run.test(async () => (await producerOf(kafkaJs())).send({ topic, messages: [{ value: 'a' }] }))
    expect((await readAll(topic, 1))[0]?.headers).toEqual({})
    expect(run.resources()).toEqual([])
    expect(run.folded().warnings).toEqual([expect.objectContaining({ code: 'DUSTPAN_UNKNOWN_DRIVER' })])
  })

  test('errors are those of kafkajs, and a message that was not sent is not recorded', async () => {
    const topic = await createStrangersTopic()
    const run = await startRun()
    const bare = strangersKafka()
    await run.test(async () => {
      const kafka = kafkaJs()
      const producer = kafka.producer()
      const same = async (call: (client: typeof producer) => Promise<unknown>) => {
        const outcomeOf = async (client: typeof producer) =>
          call(client).then(
            () => 'sent',
            (error: Error) => `${error.name}: ${error.message}`,
          )
        const ours = await outcomeOf(producer)
        expect(ours).toBe(await outcomeOf(bare.producer()))
        expect(ours).not.toBe('sent')
      }
      await same((client) => client.send({ topic, messages: [{ value: 'not connected' }] }))
      await connected(producer)
      await expect(producer.send({ topic, messages: [{} as never] })).rejects.toThrow('Invalid message without value')
      await expect(producer.send({ topic: 'not a topic!', messages: [{ value: 'a' }] })).rejects.toThrow()
      await expect(producer.send(undefined as never)).rejects.toThrow(TypeError)
    })
    expect(run.resources()).toEqual([])
    expect([...run.folded().intents]).toEqual([])
  })

  test('a key that may be a secret is recorded truncated', async () => {
    const topic = name('sessions')
    const run = await startRun()
    await run.test(async () => {
      await (await producerOf(kafkaJs())).send({ topic, messages: [{ key: 'a-very-secret-session', value: '' }] })
    })
    expect(JSON.stringify(run.resources())).not.toContain('very-secret')
    expect(run.resources().find(({ set }) => set.type === 'message')?.key).toEqual([topic, 0, 0, 'a-ve***'])
  })
})

describe('topics', () => {
  test('topics that a test creates are deleted, and no others', async () => {
    const existing = await createStrangersTopic()
    const topic = name()
    const run = await startRun()
    const report = await run.test(async () => {
      const admin = await connected(kafkaJs().admin())
      expect(await admin.createTopics({ waitForLeaders: false, topics: [{ topic }] })).toBe(true)
      expect(await admin.createTopics({ waitForLeaders: false, topics: [{ topic: existing }] })).toBe(false)
      expect(await admin.createTopics({ validateOnly: true, waitForLeaders: false, topics: [{ topic: name() }] })).toBe(
        true,
      )
      expect(run.resources().map(({ key, set }) => [key, set.proof.strength])).toEqual([[topic, 'incarnation']])
    })
    expect(report?.totals).toMatchObject({ removed: 1, tracked: 1 })
    expect(await topics()).toContain(existing)
    expect(await topics()).not.toContain(topic)
  })

  test('createTopics() with several topics tracks the new ones, not the existing ones', async () => {
    const existing = await createStrangersTopic()
    const topic = name()
    const run = await startRun()
    await run.test(async () => {
      const admin = await connected(kafkaJs().admin())
      expect(await admin.createTopics({ waitForLeaders: false, topics: [{ topic: existing }, { topic }] })).toBe(false)
    })
    expect(run.resources().map(({ key, state }) => [key, state])).toEqual([[topic, 'removed']])
    expect(await topics()).toContain(existing)
  })

  test('topics that sending creates are deleted, existing ones are not', async () => {
    const existing = await createStrangersTopic()
    const topic = name()
    const run = await startRun()
    const producer = await producerOf(kafkaJs())
    const send = (to: string) => producer.send({ topic: to, messages: [{ value: 'a' }] })
    const ofTopics = () =>
      run.resources().flatMap(({ set, key, state }) => (set.type === 'topic' ? [[key, state]] : []))
    await run.test(() => Promise.all([send(topic), send(topic), send(existing)]))
    expect(ofTopics()).toEqual([[topic, 'removed']])
    expect(await topics()).toContain(existing)
    expect(await topics()).not.toContain(topic)
    // The next test creates it again.
    await run.test(() => send(topic))
    expect(ofTopics()).toEqual([
      [topic, 'removed'],
      [topic, 'removed'],
    ])
    expect(await topics()).not.toContain(topic)
  })

  test('a deleted topic is not created again when its producer sends to another topic', async () => {
    const [one, another] = [name(), name()]
    const run = await startRun()
    const producer = await producerOf(kafkaJs())
    for (const topic of [one, another]) await run.test(() => producer.send({ topic, messages: [{ value: 'a' }] }))
    expect(await topics()).not.toEqual(expect.arrayContaining([one]))
    expect(await topics()).not.toEqual(expect.arrayContaining([another]))
  })

  test('a topic that a failed send created is deleted', async () => {
    const topic = name()
    const run = await startRun()
    await run.test(async () => {
      const producer = await producerOf(kafkaJs({ retry: { retries: 0 } }))
      await expect(producer.send({ topic, messages: [{ value: 'a' }] })).rejects.toThrow()
    })
    expect(run.resources().map(({ key, state }) => [key, state])).toEqual([[topic, 'removed']])
    expect(await topics()).not.toContain(topic)
  })

  test('a topic that another client created after a failed send is not tracked', async () => {
    const topic = name()
    const run = await startRun()
    const producer = await producerOf(kafkaJs())
    await run.test(async () => {
      await expect(producer.send({ topic, messages: [{ key: 'no value' } as never] })).rejects.toThrow()
      await createStrangersTopic(1, topic)
      await producer.send({ topic, messages: [{ value: 'a' }] })
    })
    expect(await topics()).toContain(topic)
    expect(run.resources().map(({ set }) => set.type)).toEqual(['message'])
  })

  test('a topic that a producer without topic creation waited for is not tracked', async () => {
    const topic = name()
    const run = await startRun()
    const producer = await producerOf(kafkaJs(), { allowAutoTopicCreation: false })
    const asked = Promise.withResolvers<void>()
    let questions = 0
    producer.on('producer.network.request', ({ payload }) => {
      if (payload.apiName === 'Metadata' && ++questions === 3) asked.resolve()
    })
    await run.test(async () => {
      const sent = producer.send({ topic, messages: [{ value: 'a' }] })
      await asked.promise
      await createStrangersTopic(1, topic)
      await sent
    })
    expect(await topics()).toContain(topic)
    expect(run.resources().map(({ set }) => set.type)).toEqual(['message'])
  })

  test('a topic that the test deletes itself is recorded as gone', async () => {
    const topic = name()
    const run = await startRun()
    await run.test(async () => {
      const admin = await connected(kafkaJs().admin())
      await admin.createTopics({ waitForLeaders: false, topics: [{ topic }] })
      await admin.deleteTopics({ topics: [topic] })
    })
    expect(run.resources().map(({ state }) => state)).toEqual(['gone'])
  })
})
