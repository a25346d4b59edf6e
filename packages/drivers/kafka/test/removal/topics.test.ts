import { createServer } from 'node:net'
import { driverContext } from '@dustpan/conformance/drivers/driver'
import { track } from '@dustpan/core'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createDriver, topicName } from '../../src/index.ts'
import { readAll } from '../read-all.ts'
import { startRun } from '../run.ts'
import { address, connected, kafkaJs, strangersKafka, topics, useBroker, withAdmin } from '../server.ts'
import { createStrangersTopic, newName } from '../topics.ts'

useBroker()

const create = async (topic: string) =>
  (await connected(kafkaJs().admin())).createTopics({ waitForLeaders: false, topics: [{ topic }] })
const codes = (run: Awaited<ReturnType<typeof startRun>>) =>
  run.resources().map(({ state, why, error }) => [state, why, error?.code])

describe('topics', () => {
  test('topics that were kept are deleted from the ledger by another process', async () => {
    const topic = newName()
    const run = await startRun({}, { cleanup: { strategy: 'manual' } })
    await run.test(() => create(topic))
    expect(codes(run)).toEqual([['kept', expect.anything(), undefined]])
    await run.cleanUp()
    expect(run.resources().map(({ state, result }) => [state, result])).toEqual([['removed', 'deleted']])
    expect(await topics()).not.toContain(topic)
    await run.cleanUp()
    expect(run.resources().map(({ state }) => state)).toEqual(['removed'])
  })

  test('DUSTPAN_NOT_OURS: a topic that another client created again under the name is kept', async () => {
    const topic = newName()
    const run = await startRun()
    await run.test(async () => {
      await create(topic)
      await withAdmin(async (admin) => {
        await admin.deleteTopics({ topics: [topic] })
        await admin.createTopics({ topics: [{ topic }] })
      })
    })
    expect(codes(run)).toEqual([['refused', 'not-ours', 'DUSTPAN_NOT_OURS']])
    expect(await topics()).toContain(topic)
  })

  test('DUSTPAN_WRONG_STORE: a connection to another cluster is refused', async () => {
    await expect(connect(address())).rejects.toThrow(expect.objectContaining({ code: 'DUSTPAN_WRONG_STORE' }))
  })

  test('DUSTPAN_INVALID_ARGUMENT: track() refuses Kafka’s own topics and invalid removals', async () => {
    const run = await startRun()
    await run.test(async () => {
      for (const remove of [
        { topic: '__consumer_offsets' },
        { topic: 'a', group: 'b' },
        { topic: 7 },
        {},
        { group: 'a', tombstone: 'b' },
        { topic: 'a', all: true },
      ]) {
        expect(() => track({ type: 'topic', id: 'a', remove: { ...remove, store: 'main' } })).toThrow(
          expect.objectContaining({ code: 'DUSTPAN_INVALID_ARGUMENT' }),
        )
      }
    })
  })

  test('a hundred topics tracked by hand are deleted, and a missing one is already-gone', async () => {
    const names = Array.from({ length: 100 }, () => newName())
    await withAdmin((admin) => admin.createTopics({ topics: names.map((topic) => ({ topic })), waitForLeaders: false }))
    const run = await startRun()
    await run.test(async () => {
      track({ type: 'topic', ids: [...names, newName()], remove: { topic: '{id}' } })
    })
    const states = run.resources().map(({ state }) => state)
    expect([states.filter((state) => state === 'removed').length, states.at(-1)]).toEqual([100, 'already-gone'])
    const remaining = new Set(await topics())
    expect(names.filter((name) => remaining.has(name))).toEqual([])
  })

  test('topicName() returns a unique name each time', async () => {
    const run = await startRun()
    const names: string[] = []
    for (let i = 0; i < 2; i++) {
      await run.test(async () => {
        names.push(topicName('orders'), topicName('orders'))
      })
    }
    expect(new Set(names).size).toBe(4)
    expect(names.every((name) => /^test-orders-[\w.-]+$/.test(name))).toBe(true)
    await run.test(async () => expect(() => topicName('no topic')).toThrow(TypeError))
  })
})

describe('groups', () => {
  test('groups tracked by hand are deleted, and pending while they have members', async () => {
    const [topic, group, busy] = [await createStrangersTopic(), newName('group'), newName('group')]
    const join = async (groupId: string) => {
      const consumer = strangersKafka().consumer({ groupId, maxWaitTimeInMs: 50 })
      await consumer.connect()
      await consumer.subscribe({ topic })
      const joined = new Promise((resolve) => consumer.on('consumer.group_join', resolve))
      await consumer.run({ eachMessage: async () => {} })
      await joined
      return consumer
    }
    await (await join(group)).disconnect()
    const member = await join(busy)
    const run = await startRun()
    await run.test(async () => {
      track({ type: 'group', ids: [group, busy, newName('group')], remove: { group: '{id}' } })
    })
    expect(run.resources().map(({ state, why }) => [state, why])).toEqual([
      ['removed', undefined],
      ['pending', 'in-flight'],
      ['already-gone', undefined],
    ])
    await member.disconnect()
    await run.cleanUp()
    expect(run.resources().map(({ state }) => state)).toEqual(['removed', 'removed', 'already-gone'])
  })
})

describe('tombstones', () => {
  test('tombstones are written to the partition of the key’s messages', async () => {
    const topic = await createStrangersTopic(5)
    const keys = ['a', 'user_1', 'größer', 'k'.repeat(300)]
    const producer = await connected(strangersKafka().producer())
    for (const key of keys) await producer.send({ topic, messages: [{ key, value: 'v' }] })
    const run = await startRun()
    await run.test(async () => {
      track({ type: 'user', ids: keys, remove: { topic, tombstone: '{id}' } })
      track({ type: 'user', id: 'a', remove: { topic: newName(), tombstone: '{id}' } })
    })
    expect(run.resources().map(({ state, result }) => [state, result])).toEqual([
      ...keys.map(() => ['removed', 'tombstone']),
      ['already-gone', undefined],
    ])
    const read = await readAll(topic, 2 * keys.length)
    for (const key of keys) {
      const own = read.filter((one) => one.key === key)
      expect([own[0]?.value, own.at(-1)?.value]).toEqual(['v', undefined])
      expect(new Set(own.map(({ partition }) => partition)).size).toBe(1)
    }
  })
})

describe('unreachable brokers', () => {
  test('DUSTPAN_STORE_UNREACHABLE: a broker that never responds ends with the signal', async () => {
    const silent = createServer(() => {})
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void silent.close())
    const { port } = silent.address() as { port: number }
    await expect(connect(`127.0.0.1:${port}`, 300)).rejects.toThrow(
      expect.objectContaining({ code: 'DUSTPAN_STORE_UNREACHABLE' }),
    )
  })

  test('DUSTPAN_STORE_UNREACHABLE: a broker is down; with several the next one is used', async () => {
    await expect(connect('127.0.0.1:1')).rejects.toThrow(
      expect.objectContaining({ code: 'DUSTPAN_STORE_UNREACHABLE', message: expect.stringContaining('ECONNREFUSED') }),
    )
    await using connection = await connect(`127.0.0.1:1,${address()}`, 3000, `kafka://127.0.0.1:1`)
    expect(connection.store).toMatch(/^kafka:.*#.+/)
  })
})

test('the guard can refuse an address before it is connected to', async () => {
  const driver = createDriver('main', { brokers: address() }, context)
  const guard = (place: string) => {
    throw new Error(`not ${place}`)
  }
  const how = { signal: AbortSignal.timeout(3000), deadline: Date.now() + 3000, guard }
  await expect(driver.connect({ driver: 'main', id: `kafka://${address()}` }, how)).rejects.toThrow(
    /^not kafka:\/\/localhost:\d+$/,
  )
})

const context = driverContext('/')

function connect(brokers: string, timeMs = 3000, id = `kafka://${brokers}#another`) {
  const driver = createDriver('main', { brokers }, context)
  return driver.connect({ driver: 'main', id }, { signal: AbortSignal.timeout(timeMs), deadline: Date.now() + timeMs })
}
