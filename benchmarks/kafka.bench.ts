/** What does recording a message cost the test that sends it, and what does it cost to delete topics? */
import { requireServer } from '@dustpan/conformance/servers'
import { capture } from '@dustpan/kafka'
import { Producer, stringSerializers } from '@platformatic/kafka'
import { Kafka, logLevel, Partitioners } from 'kafkajs'
import { compareCaptured } from './captured.ts'
import { compareRemoved } from './removed.ts'
import { benchSession } from './session.ts'

await using server = await requireServer('kafka', { own: true })
const brokers = [new URL(server.url).host]
const options = { brokers: brokers.join(), capture: false }
await using bench = await benchSession({ drivers: [{ use: '@dustpan/kafka', name: 'main', options }] })

const kafkaJs = () => new Kafka({ brokers, logLevel: logLevel.NOTHING })
const platformatic = () =>
  new Producer({ clientId: 'bench', bootstrapBrokers: brokers, serializers: stringSerializers })
const bareKafka = kafkaJs()
const trackedKafka = capture(kafkaJs())
const [bareAdmin, trackedAdmin] = [bareKafka.admin(), trackedKafka.admin()]
const [bareJs, trackedJs] = [bareKafka, trackedKafka].map((kafka) =>
  kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner }),
)
const [barePlt, trackedPlt] = [platformatic(), capture(platformatic())]
await Promise.all([bareAdmin, trackedAdmin, bareJs, trackedJs].map((client) => client?.connect()))
const settings = { server: server.product, kafkajs: '2.2', '@platformatic/kafka': '2.12' }

const topic = 'bench'
await bareAdmin.createTopics({ topics: [{ topic, numPartitions: 3 }] })

type Send = () => Promise<unknown>

async function sending(name: string, question: string, calls: number, bare: Send, tracked: Send): Promise<void> {
  await compareCaptured({ name, question, calls, ...{ rounds: 25, warmups: 10, settings, bench }, bare, tracked })
}

/** Headers of the same length as those that Dustpan adds. */
const headers = { 'test-run-id': 'x'.repeat(22), 'flow-id': 'bench', baggage: 'x'.repeat(64) }
const messages = (count: number, more: object = {}) =>
  Array.from({ length: count }, (_, i) => ({ key: `user_${i}`, value: 'x'.repeat(200), ...more }))
const byJs = (producer: typeof bareJs, count: number, more?: object) => () =>
  producer?.send({ topic, messages: messages(count, more) }) as Promise<unknown>
const byPlt = (producer: typeof barePlt, count: number) => () =>
  producer.send({ messages: messages(count).map((message) => ({ topic, ...message })) })

await sending('kafka-send', 'send of one message by kafkajs', 50, byJs(bareJs, 1), byJs(trackedJs, 1))
await sending(
  'kafka-send-100',
  'send of 100 messages with three headers by kafkajs',
  20,
  byJs(bareJs, 100, { headers }),
  byJs(trackedJs, 100),
)
await sending(
  'kafka-send-platformatic',
  'send of one message by @platformatic/kafka',
  50,
  byPlt(barePlt, 1),
  byPlt(trackedPlt, 1),
)

let made = 0
const fresh = (n: number) => Array.from({ length: n }, () => `bench-${++made}`)
const create = (admin: typeof bareAdmin, topics: readonly string[]) =>
  admin.createTopics({ waitForLeaders: false, topics: topics.map((name) => ({ topic: name })) })

async function deletion(n: number, rounds: number): Promise<void> {
  const made = async (admin: typeof bareAdmin) => {
    const topics = fresh(n)
    await create(admin, topics)
    return topics
  }
  const byHand = {
    name: 'deleteTopics by hand',
    run: async (topics: readonly string[]) => {
      await bareAdmin.deleteTopics({ topics: [...topics] })
      while ((await bareAdmin.listTopics()).some((name) => topics.includes(name)));
    },
  }
  await compareRemoved({
    name: `kafka-topics-${n}`,
    question: `${n} topics, until the broker shows them no more`,
    ...{ n, rounds, warmups: 0, settings, bench },
    bare: () => made(bareAdmin),
    tracked: () => made(trackedAdmin),
    byHand,
    limits: n < 100 ? [] : [{ arm: 'Dustpan', than: byHand.name, kind: 'atMost', value: 1.3 }],
  })
}

await deletion(10, 15)
await deletion(100, 7)
await Promise.all([bareAdmin, trackedAdmin, bareJs, trackedJs].map((client) => client?.disconnect()))
await Promise.all([barePlt.close(), trackedPlt.close()])
