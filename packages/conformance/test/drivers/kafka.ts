/** Kafka topics through kafkajs and @platformatic/kafka. Messages cannot be removed; the tests of the driver cover them. */
import { createRequire } from 'node:module'
import { connect } from 'node:net'
import type { Json } from '@dustpan/core/driver'
import type * as Platformatic from '@platformatic/kafka'
import type * as KafkaJs from 'kafkajs'
import {
  type Address,
  type DriverSubject,
  type Excuse,
  type Form,
  freshCopy,
  longText,
  type Options,
  type Place,
  type StoreClient,
  type StoreServer,
} from '../../src/drivers/index.ts'
import { server as findServer } from '../../src/servers/index.ts'
import { keeper } from '../../src/servers/kafka.ts'

const require = createRequire(new URL('../../../drivers/kafka/package.json', import.meta.url))
const kafkajs = require('kafkajs') as typeof KafkaJs
const platformatic = require('@platformatic/kafka') as typeof Platformatic
const unseen = freshCopy<typeof KafkaJs>(require, 'kafkajs')

const excuses: readonly Excuse[] = [
  {
    cases: ['rollback', 'savepoint', 'open transaction, committed later', 'open transaction, rolled back later'],
    reason: 'transactions of Kafka are of messages, which are never removed; topics are made in none',
  },
  {
    cases: [
      'dependents of its own',
      'dependents of a stranger',
      'dependents of a stranger, given to the test’s own',
      'held by open work',
    ],
    reason: 'nothing refers to a topic, and nothing holds one',
  },
  {
    cases: ['deleted and made again, in every way'],
    reason: 'a topic goes and comes in one way, which ‘deleted and made again’ tries',
  },
  { cases: ['upsert'], reason: 'no call makes a topic or changes one' },
  {
    cases: ['two instances', 'configuration leads elsewhere', 'store replaced'],
    reason: 'one broker is one store, and the suite has one; the driver’s own tests compare cluster ids',
  },
  {
    cases: ['10,001 things'],
    reason: 'a broker keeps files for each topic, so ten thousand take minutes',
    untried: true,
  },
  { cases: ['survives its removal'], reason: 'a broker cannot be made to say that it deletes a topic, and not to' },
  {
    cases: ['backup put back', 'backup, key taken since'],
    reason: 'a topic made anew is another one: its offsets begin again',
  },
  {
    cases: ['library missing', 'library of an unsupported version'],
    reason: 'to remove, the driver speaks to the brokers itself, and takes no library',
  },
]

export const kafka: DriverSubject = {
  name: 'kafka',
  use: '@dustpan/kafka',
  kind: 'topic',
  excuses,
  async start() {
    const server = await findServer('kafka', { own: true })
    if ('missing' in server || !server.readOnly)
      return { missing: 'missing' in server ? server.missing : 'it has no users' }
    const reader = new URL(await server.readOnly(server.url))
    const broker = {
      open: new URL(server.url).host,
      guarded: { host: reader.hostname, port: Number(reader.port) },
      reader,
    }
    await allow(broker.open)
    return {
      product: server.product,
      address: broker.guarded,
      secrets: [keeper.password, reader.password],
      place: ({ at } = {}) => place(broker, at ?? broker.guarded),
      [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
    } satisfies StoreServer
  },
}

interface Broker {
  /** The host of the listener without access control. */
  readonly open: string
  readonly guarded: Address
  readonly reader: URL
}

let places = 0

async function place({ open, reader }: Broker, at: Address): Promise<Place> {
  const prefix = `place-${process.pid}-${++places}.`
  const options = (username: string, password: string): Options => ({
    brokers: `${at.host}:${at.port}`,
    sasl: { mechanism: 'plain', username, password },
  })
  const list = () =>
    asking(open, async (admin) => (await admin.listTopics()).filter((one) => one.startsWith(prefix)).sort())
  const empty = async () => {
    const topics = await list()
    // A broker may still list a deleted topic.
    if (topics.length > 0) await asking(open, (admin) => admin.deleteTopics({ topics })).catch(() => undefined)
    if (topics.length > 0) await empty()
  }
  return {
    options: options(keeper.username, keeper.password),
    remove: { topic: '{id}' },
    libraries: [kafkajs, platformatic],
    client: async ({ unseen: isStranger } = {}) =>
      isStranger
        ? client(new unseen.Kafka({ ...quiet, brokers: [open] }), prefix, at)
        : client(new kafkajs.Kafka(throughAddress(at)), prefix, at),
    list,
    empty,
    forms,
    keyTypes: [form('a name', (on) => on.make([on.name()]))],
    hostile: hostileNames.map((name) =>
      form(`a topic called ${JSON.stringify(name).slice(0, 60)}`, (on) => on.make([`${prefix}${name}`.slice(0, 249)])),
    ),
    resist: (key) => deny(open, String(key), kafkajs.ResourcePatternTypes.LITERAL),
    readOnly: () => deny(open, prefix, kafkajs.ResourcePatternTypes.PREFIXED),
    powerless: async () => options(reader.username, reader.password),
    wrongCredentials: options(keeper.username, `not-${keeper.password}`),
    [Symbol.asyncDispose]: empty,
  }
}

const quiet = { logLevel: kafkajs.logLevel.NOTHING, retry: { retries: 2, initialRetryTime: 20 } }

/** Brokers announce their own address, but every connection must use this one. */
const throughAddress = ({ host, port }: Address): KafkaJs.KafkaConfig => ({
  ...quiet,
  brokers: [`${host}:${port}`],
  sasl: { mechanism: 'plain', ...keeper },
  socketFactory: ({ onConnect }) => connect({ host, port }, onConnect),
})

interface TopicClient extends StoreClient {
  readonly at: Address
  readonly admin: KafkaJs.Admin
  name(): string
  make(topics: readonly string[]): Promise<void>
}

async function client(library: KafkaJs.Kafka, prefix: string, at: Address): Promise<TopicClient> {
  const admin = library.admin()
  await admin.connect()
  let names = 0
  const name = () => `${prefix}${process.hrtime.bigint().toString(36)}-${++names}`
  const make = async (topics: readonly string[]) => {
    const made = await admin
      .createTopics({ waitForLeaders: false, topics: topics.map((topic) => ({ topic })) })
      .catch(nothingMade)
    if (!made) throw new Error('There is such a topic')
    await until(admin, (there) => topics.every((topic) => there.has(topic)))
  }
  return {
    ...{ at, admin, name, make },
    async create(count) {
      const topics = Array.from({ length: count }, name)
      await make(topics)
      return topics
    },
    createAs: (key) => make([String(key)]),
    async remove(keys: readonly Json[]) {
      await admin.deleteTopics({ topics: keys.map(String) })
      await until(admin, (topics) => topics.isDisjointFrom(new Set(keys)))
    },
    [Symbol.asyncDispose]: () => admin.disconnect(),
  }
}

/** Several copies of kafkajs in one process do not always recognise their own errors. */
function nothingMade(error: { readonly errors?: readonly { readonly type?: string }[] }): false {
  if (error.errors?.every(({ type }) => type === 'TOPIC_ALREADY_EXISTS')) return false
  throw error
}

/** A broker lists created and deleted topics with a delay. */
async function until(admin: KafkaJs.Admin, holds: (topics: ReadonlySet<Json>) => boolean): Promise<void> {
  while (!holds(new Set(await admin.listTopics()))) await new Promise((resolve) => setImmediate(resolve))
}

const form = (title: string, make: (on: TopicClient) => Promise<unknown>, count = 1): Form => ({
  title,
  async create(on) {
    await make(on as TopicClient)
    return count
  },
})

const forms: readonly Form[] = [
  form('kafkajs', (on) => on.make([on.name()])),
  form('kafkajs: several', (on) => on.make([on.name(), on.name(), on.name()]), 3),
  form('kafkajs: waiting for leaders', (on) =>
    on.admin.createTopics({ topics: [{ topic: on.name(), numPartitions: 3 }] }),
  ),
  form('kafkajs: with a configuration', (on) =>
    on.admin.createTopics({
      waitForLeaders: false,
      topics: [{ topic: on.name(), configEntries: [{ name: 'cleanup.policy', value: 'compact' }] }],
    }),
  ),
  form('@platformatic/kafka', (on) => withPlatformatic(on, (admin) => admin.createTopics({ topics: [on.name()] }))),
  form(
    '@platformatic/kafka: several, with partitions',
    (on) =>
      withPlatformatic(on, (admin) => admin.createTopics({ topics: [on.name(), { topic: on.name(), partitions: 2 }] })),
    2,
  ),
  form('@platformatic/kafka: a callback', (on) =>
    withPlatformatic(
      on,
      (admin) =>
        new Promise((resolve, reject) => {
          admin.createTopics({ topics: [on.name()] }, (error, made) => (error ? reject(error) : resolve(made)))
        }),
    ),
  ),
]

async function withPlatformatic(
  { at: { host, port } }: TopicClient,
  work: (admin: Platformatic.Admin) => Promise<unknown>,
): Promise<void> {
  const bootstrapBrokers = [`${host}:${port}`]
  const admin = new platformatic.Admin({ clientId: 'a', bootstrapBrokers, sasl: { mechanism: 'PLAIN', ...keeper } })
  await work(admin).finally(() => admin.close())
}

/** Every character that Kafka allows in a name. */
const hostileNames = [
  '0',
  'NULL',
  '__proto__',
  '..',
  '-',
  '_',
  'a..b',
  longText(249).replaceAll(' ', '.'),
  '--help',
  '1e9',
]

async function asking<Result>(broker: string, question: (admin: KafkaJs.Admin) => Promise<Result>): Promise<Result> {
  const admin = new unseen.Kafka({ ...quiet, brokers: [broker] }).admin()
  await admin.connect()
  return question(admin).finally(() => admin.disconnect())
}

const everything = { principal: `User:${keeper.username}`, host: '*' } as const

async function allow(broker: string): Promise<void> {
  const { TOPIC, GROUP } = kafkajs.AclResourceTypes
  const acl = [TOPIC, GROUP].map((resourceType) => ({
    ...everything,
    resourceType,
    resourceName: '*',
    resourcePatternType: kafkajs.ResourcePatternTypes.LITERAL,
    operation: kafkajs.AclOperationTypes.ALL,
    permissionType: kafkajs.AclPermissionTypes.ALLOW,
  }))
  await asking(broker, (admin) => admin.createAcls({ acl }))
}

/** Denies deletion of topics with this name until disposed. */
async function deny(
  broker: string,
  resourceName: string,
  resourcePatternType: KafkaJs.ResourcePatternTypes,
): Promise<AsyncDisposable> {
  const acl = {
    ...everything,
    resourceType: kafkajs.AclResourceTypes.TOPIC,
    resourceName,
    resourcePatternType,
    operation: kafkajs.AclOperationTypes.DELETE,
    permissionType: kafkajs.AclPermissionTypes.DENY,
  }
  await asking(broker, (admin) => admin.createAcls({ acl: [acl] }))
  return {
    [Symbol.asyncDispose]: () => asking(broker, async (admin) => void (await admin.deleteAcls({ filters: [acl] }))),
  }
}
