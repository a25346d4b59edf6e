import { Admin, jsonSerializer, Producer, stringSerializers } from '@platformatic/kafka'
import { describe, expect, test } from 'vitest'
import { capture } from '../../src/index.ts'
import { readAll } from '../read-all.ts'
import { startRun } from '../run.ts'
import { address, kafkaJs, platformaticAdmin, platformaticProducer, producerOf, topics, useBroker } from '../server.ts'
import { createStrangersTopic, newName } from '../topics.ts'

useBroker()

describe('messages', () => {
  test('messages are recorded with topic, partition, offset and key, and not removed', async () => {
    const [one, two] = [await createStrangersTopic(3), await createStrangersTopic()]
    const run = await startRun()
    await run.test(async () => {
      const keys = Array.from({ length: 12 }, (_, i) => `key-${i}`)
      const messages = [...keys.map((key) => ({ topic: one, key, value: 'v' })), { topic: two, value: 'keyless' }]
      const options = Object.freeze({ messages: messages.map((message) => Object.freeze(message)) })
      const result = await platformaticProducer().send(options as never)
      expect(result.offsets?.length).toBeGreaterThan(1)
    })
    const read = [...(await readAll(one, 12)), ...(await readAll(two, 1))]
    const recorded = run.resources().map(({ key }) => JSON.stringify(key))
    const places = read.map(({ topic, partition, offset, key }) =>
      JSON.stringify([topic, partition, offset, ...(key === undefined ? [] : [key])]),
    )
    expect(recorded.sort()).toEqual(places.sort())
    expect(read.every(({ headers }) => headers['test-run-id'] === run.id && headers['flow-id'] !== undefined)).toBe(
      true,
    )
    expect(run.resources().every(({ state }) => state === 'audit')).toBe(true)
  })

  test('messages sent concurrently through a shared producer belong to the test that sent them', async () => {
    const topic = await createStrangersTopic(2)
    const run = await startRun()
    const producer = platformaticProducer()
    await producer.send({ messages: [{ topic, key: 'before', value: 'v' }] })
    const sends = Array.from({ length: 50 }, (_, i) =>
      run.test(() =>
        producer.send({
          messages: [
            { topic, key: `test ${i + 1}`, value: 'v' },
            { topic, key: `test ${i + 1}`, value: 'w' },
          ],
        }),
      ),
    )
    await Promise.all(sends)
    const { scopes, resources } = run.folded()
    const own = [...resources.values()].filter(({ key }) => (key as string[])[3] !== 'before')
    expect(own).toHaveLength(100)
    expect(own.every(({ scope, key }) => scopes.get(scope)?.path?.[0] === (key as string[])[3])).toBe(true)
    expect(new Set(own.map(({ key }) => JSON.stringify(key))).size).toBe(100)
  })

  test.each([
    ['send() with a callback', 'callback'],
    ['asStream()', 'stream'],
  ])('a message sent by %s is recorded', async (_, form) => {
    const topic = await createStrangersTopic()
    const run = await startRun()
    await run.test(async () => {
      const producer = platformaticProducer()
      const message = { topic, key: 'k', value: 'v' }
      if (form === 'callback') {
        const { promise, resolve } = Promise.withResolvers<unknown>()
        expect(producer.send({ messages: [message] }, (error, result) => resolve(error ?? result))).toBeUndefined()
        expect(await promise).toEqual({ offsets: [{ topic, partition: 0, offset: 0n }] })
      } else {
        const stream = producer.asStream({ batchSize: 1 })
        stream.write(message)
        await stream.close()
      }
    })
    expect(run.resources().map(({ key }) => key)).toEqual([[topic, 0, 0, 'k']])
  })

  test('headers have the form that the serializers expect, and those of the message are kept', async () => {
    const topic = await createStrangersTopic()
    const run = await startRun({ headers: { baggage: false, flow: false } })
    await run.test(async () => {
      const bytes = platformaticProducer({ serializers: undefined })
      const headers = new Map([[Buffer.from('mine'), Buffer.from('1')]])
      await bytes.send({
        messages: [{ topic, key: Buffer.from([0xff, 0]), value: Buffer.from('v'), headers } as never],
      })
      await platformaticProducer().send({ messages: [{ topic, value: 'v', headers: { 'test-run-id': 'mine' } }] })
      const fussy = platformaticProducer({
        serializers: {
          ...stringSerializers,
          headerKey: () => {
            throw new Error('no')
          },
        },
      })
      await fussy.send({ messages: [{ topic, value: 'v' }] })
      const json = platformaticProducer({ serializers: { ...stringSerializers, headerValue: jsonSerializer } })
      await json.send({ messages: [{ topic, value: 'v' }] })
    })
    expect((await readAll(topic, 4)).map(({ headers }) => headers)).toEqual([
      { mine: '1', 'test-run-id': run.id },
      { 'test-run-id': 'mine' },
      {},
      { 'test-run-id': JSON.stringify(run.id) },
    ])
    expect(run.resources()[0]?.key).toEqual([topic, 0, 0, 'base64:/wA='])
  })

  test('a message sent with acks: 0 is recorded without an offset', async () => {
    const topic = await createStrangersTopic()
    const run = await startRun()
    await run.test(async () => {
      await platformaticProducer().send({ acks: 0, messages: [{ topic, key: 'k', value: 'v' }] })
      await (await producerOf(kafkaJs())).send({ acks: 0, topic, messages: [{ key: 'l', value: 'v' }] })
    })
    expect(run.resources().map(({ key }) => key)).toEqual([
      [topic, null, null, 'k'],
      [topic, 0, null, 'l'],
    ])
  })

  test('messages of an aborted transaction are gone, those of a committed one are recorded', async () => {
    const topic = await createStrangersTopic()
    const run = await startRun()
    await run.test(async () => {
      const producer = platformaticProducer({ idempotent: true, transactionalId: newName('tx') })
      const first = await producer.beginTransaction()
      await first.send({ messages: [{ topic, key: 'aborted', value: 'v' }] })
      await first.abort()
      const second = await producer.beginTransaction()
      await second.send({ messages: [{ topic, key: 'committed', value: 'v' }] })
      await second.commit()
      await producer.send({ messages: [{ topic, key: 'alone', value: 'v' }] }).catch(() => undefined)
    })
    expect(
      run
        .resources()
        .map(({ state, key }) => [state, (key as string[])[3]])
        .slice(0, 2),
    ).toEqual([
      ['gone', 'aborted'],
      ['audit', 'committed'],
    ])
    expect(run.folded().openTransactions.size).toBe(0)
  })

  test('errors of the library reach the caller, and a failed send leaves no record or intent', async () => {
    const run = await startRun()
    await run.test(async () => {
      const producer = platformaticProducer({ retries: 0 })
      await expect(producer.send({ messages: [{ topic: 'not a topic!', value: 'v' }] })).rejects.toThrow()
      await producer.close()
      await expect(producer.send({ messages: [{ topic: 'a', value: 'v' }] })).rejects.toThrow('closed')
    })
    expect(run.resources()).toEqual([])
    expect([...run.folded().intents]).toEqual([])
  })
})

describe('topics', () => {
  test('topics that a test creates are deleted, those that it deletes itself are gone, others are kept', async () => {
    const existing = await createStrangersTopic()
    const [one, two, three] = [newName(), newName(), newName()]
    const run = await startRun()
    await run.test(async () => {
      const admin = platformaticAdmin()
      const created = await admin.createTopics({ topics: [one, two], partitions: 1, replicas: 1 })
      expect(created.map(({ name }) => name)).toEqual([one, two])
      await expect(admin.createTopics({ topics: [existing, three], partitions: 1, replicas: 1 })).rejects.toThrow()
      await admin.deleteTopics({ topics: [two] })
    })
    expect(run.resources().map(({ key, state, set }) => [key, state, set.proof.strength])).toEqual([
      [one, 'removed', 'incarnation'],
      [two, 'gone', 'incarnation'],
      [three, 'removed', 'incarnation'],
    ])
    expect(await topics()).toEqual(expect.arrayContaining([existing]))
    expect(await topics()).not.toEqual(expect.arrayContaining([one]))
  })

  test('a topic that a failed send created is deleted', async () => {
    const topic = newName()
    const run = await startRun()
    await run.test(async () => {
      const producer = platformaticProducer({ retries: 0 })
      await expect(producer.send({ messages: [{ topic, value: 'v' }] })).rejects.toThrow('Unknown topic')
    })
    expect(run.resources().map(({ key, state }) => [key, state])).toEqual([[topic, 'removed']])
    expect(await topics()).not.toContain(topic)
  })

  test('a topic that sending creates is deleted', async () => {
    const topic = newName()
    const run = await startRun()
    await run.test(() => platformaticProducer().send({ messages: [{ topic, value: 'v' }] }))
    expect(run.resources().map(({ set, state }) => [set.type, state])).toEqual([
      ['message', 'audit'],
      ['topic', 'removed'],
    ])
    expect(await topics()).not.toContain(topic)
  })
})

describe('capture()', () => {
  test('tracks the messages of the given clients only, and has no effect outside a run', async () => {
    const topic = await createStrangersTopic()
    const producer = () =>
      new Producer({ clientId: 'a', bootstrapBrokers: [address()], serializers: stringSerializers })
    const outside = producer()
    expect(capture(outside)).toBe(outside)
    const run = await startRun({ capture: false })
    await run.test(async () => {
      const kafka = kafkaJs()
      const [seen, unseen] = [producer(), outside]
      for (const client of [seen, unseen]) if (client === seen) capture(client)
      await seen.send({ messages: [{ topic, key: 'seen', value: 'v' }] })
      await unseen.send({ messages: [{ topic, key: 'unseen', value: 'v' }] })
      await Promise.all([seen.close(), unseen.close()])
      await (await producerOf(capture(kafka))).send({ topic, messages: [{ key: 'kafkajs', value: 'v' }] })
      await (await producerOf(kafkaJs())).send({ topic, messages: [{ key: 'unseen', value: 'v' }] })
    })
    expect(run.resources().map(({ key }) => (key as string[])[3])).toEqual(['seen', 'kafkajs'])
  })

  test('DUSTPAN_INVALID_ARGUMENT: accepts no other object, and no producer of kafkajs', () => {
    expect(() => capture({})).toThrow(expect.objectContaining({ code: 'DUSTPAN_INVALID_ARGUMENT' }))
    expect(() => capture(kafkaJs().producer())).toThrow(/Kafka of kafkajs/)
    expect(capture(new Admin({ clientId: 'a', bootstrapBrokers: ['localhost:1'] }))).toBeInstanceOf(Admin)
  })
})
