/** One broker for the tests of a file, and clients of both libraries. */
import { createRequire } from 'node:module'
import { freshCopy } from '@dustpan/conformance/drivers'
import { requireServer, type Server } from '@dustpan/conformance/servers'
import { Admin as PlatformaticAdmin, Producer as PlatformaticProducer, stringSerializers } from '@platformatic/kafka'
import { Kafka, type KafkaConfig, logLevel, Partitioners } from 'kafkajs'
import { afterAll, beforeAll, onTestFinished, vi } from 'vitest'

/** A copy of the library that is not delivered to Dustpan. */
const stranger = freshCopy<typeof import('kafkajs')>(createRequire(import.meta.url), 'kafkajs')

let broker: Server | undefined

/** Starts the broker before the tests of the file. */
export function useBroker(): void {
  beforeAll(async () => {
    broker = await requireServer('kafka')
    await waitForGroups()
  }, 60_000)
  afterAll(() => broker?.[Symbol.asyncDispose]())
}

/** A broker creates the topic of its groups at the first request for one, and responds before the topic is loaded. */
async function waitForGroups(): Promise<void> {
  const admin = kafkaJs().admin()
  await admin.connect()
  try {
    await vi.waitFor(() => admin.fetchOffsets({ groupId: 'nobody', topics: [] }), { timeout: 50_000, interval: 200 })
  } finally {
    await admin.disconnect()
  }
}

/** `127.0.0.1:9092` */
export function address(): string {
  return new URL((broker as Server).url).host
}

export function kafkaJs(config: Partial<KafkaConfig> = {}): Kafka {
  return new Kafka({ brokers: [address()], logLevel: logLevel.NOTHING, ...config })
}

export async function connected<Client extends { connect(): Promise<void>; disconnect(): Promise<void> }>(
  client: Client,
): Promise<Client> {
  await client.connect()
  onTestFinished(() => client.disconnect())
  return client
}

export async function producerOf(kafka: Kafka, options: Parameters<Kafka['producer']>[0] = {}) {
  return connected(kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner, ...options }))
}

export function platformaticProducer(options: object = {}) {
  const producer = new PlatformaticProducer({
    clientId: 'test',
    bootstrapBrokers: [address()],
    serializers: stringSerializers,
    autocreateTopics: true,
    ...options,
  })
  onTestFinished(() => producer.close())
  return producer
}

export function platformaticAdmin() {
  const admin = new PlatformaticAdmin({ clientId: 'test', bootstrapBrokers: [address()] })
  onTestFinished(() => admin.close())
  return admin
}

export async function topics(): Promise<readonly string[]> {
  return withAdmin((admin) => admin.listTopics())
}

export function strangersKafka(): Kafka {
  return new stranger.Kafka({ brokers: [address()], logLevel: logLevel.NOTHING })
}

/** Runs the work with an admin client that Dustpan does not capture. */
export async function withAdmin<Result>(work: (admin: ReturnType<Kafka['admin']>) => Promise<Result>): Promise<Result> {
  const admin = strangersKafka().admin()
  await admin.connect()
  try {
    return await work(admin)
  } finally {
    await admin.disconnect()
  }
}
