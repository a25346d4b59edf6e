/** Kafka: the broker's jars from Maven (`npm run services install`), one node, on the machine's Java. */
import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AclOperations, AclPermissionTypes, Admin, ResourcePatternTypes, ResourceTypes } from '@platformatic/kafka'
import { execa } from 'execa'
import { withPath } from './change-url.ts'
import { findCached, findProgram } from './find-program.ts'
import { freePort } from './free-port.ts'
import type { ServerKind } from './kinds.ts'
import { notOurs } from './not-ours.ts'
import type { Server } from './server.ts'
import { startProgram } from './started-program.ts'
import { testName } from './test-name.ts'

export const kafka: ServerKind = {
  connect: async (url) => serverAt(url, new URL(url).searchParams.get('version') ?? ''),
  async start({ flags = [] }) {
    const broker = findCached('kafka-*/libs/kafka_*.jar')
    const java = findProgram('java')
    if (!broker) return { missing: "no Kafka in the project's cache (npm run services install)" }
    if (!java) return { missing: 'no java on this machine (Debian: openjdk-17-jre-headless)' }
    const run = [...small, '-cp', join(broker, '..', '*')]
    let saslPort = 0
    const started = await startProgram({
      name: 'kafka',
      async prepare({ folder, port }) {
        const properties = join(folder, 'server.properties')
        saslPort = await freePort()
        await writeFile(properties, settings(folder, port, await freePort(), saslPort))
        // A single argument, as the id may begin with a dash.
        const id = `--cluster-id=${randomBytes(16).toString('base64url')}`
        await execa(java, [...run, 'kafka.tools.StorageTool', 'format', id, '-c', properties, ...scram])
        return { program: java, args: [...run, 'kafka.Kafka', properties, ...flags] }
      },
      answers: async (port) => void (await ask(urlOf(port), (admin) => admin.metadata({ topics: [] }))),
    })
    const version = /-([\d.]+)\.jar$/.exec(broker)?.[1] ?? ''
    return { ...serverAt(urlOf(started.port), version), readOnly: (url) => readOnly(url, saslPort), ...started }
  },
}

const small = ['-Xms64m', '-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xshare:auto']
const urlOf = (port: number) => `kafka://127.0.0.1:${port}`

const settings = (
  folder: string,
  port: number,
  controllerPort: number,
  saslPort: number,
) => `process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:${controllerPort}
listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort},SASL://127.0.0.1:${saslPort}
advertised.listeners=PLAINTEXT://127.0.0.1:${port},SASL://127.0.0.1:${saslPort}
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL:SASL_PLAINTEXT
inter.broker.listener.name=PLAINTEXT
sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512
listener.name.sasl.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required user_${keeper.username}="${keeper.password}" user_${reader.username}="${reader.password}";
listener.name.sasl.scram-sha-256.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
listener.name.sasl.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:ANONYMOUS
log.dirs=${folder}/logs
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
log.cleaner.enable=false
broker.heartbeat.interval.ms=200
broker.session.timeout.ms=1000
`

/** A user who may only read, and one without any rights until they are granted. */
const reader = { username: 'reader', password: 'reader-secret-7d2f' }
export const keeper = { username: 'keeper', password: 'keeper-secret-41c8' }

const scram = ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((mechanism) => [
  '--add-scram',
  `${mechanism}=[name=${keeper.username},password=${keeper.password}]`,
])

/** Anonymous users, who connect to the other port, may do everything. */
async function readOnly(database: string, saslPort: number): Promise<string> {
  const anything = { principal: `User:${reader.username}`, host: '*', permissionType: AclPermissionTypes.ALLOW }
  const types = [ResourceTypes.TOPIC, ResourceTypes.GROUP]
  const creations = types.flatMap((resourceType) =>
    [AclOperations.DESCRIBE, AclOperations.READ].map((operation) => ({
      ...anything,
      resourceType,
      operation,
      resourceName: '*',
      resourcePatternType: ResourcePatternTypes.LITERAL,
    })),
  )
  await ask(database, (admin) => admin.createAcls({ creations }))
  const url = new URL(database)
  return `kafka://${reader.username}:${reader.password}@127.0.0.1:${saslPort}${url.pathname}`
}

/** A broker does not report its release: a named one may be given `?version=4.1.0`. */
function serverAt(named: string, version: string): Server {
  const url = named.split('?')[0] as string
  const made: string[] = []
  const product = `Kafka ${version}`.trim()
  return {
    kind: 'kafka',
    product,
    version,
    url,
    port: Number(new URL(url).port || 9092),
    async database() {
      made.push(testName())
      return withPath(url, made.at(-1) as string)
    },
    ...notOurs(product),
    async [Symbol.asyncDispose]() {
      await ask(url, async (admin) => {
        const topics = (await admin.listTopics()).filter((topic) => made.some((prefix) => topic.startsWith(prefix)))
        if (topics.length > 0) await admin.deleteTopics({ topics })
      })
    },
  }
}

/** Without kafkajs, which on Node 24 warns about its own negative timeouts. */
async function ask(url: string, question: (admin: Admin) => Promise<unknown>): Promise<void> {
  const admin = new Admin({ clientId: 'dustpan-tests', bootstrapBrokers: [new URL(url).host], retries: 0 })
  try {
    await question(admin)
  } finally {
    await admin.close()
  }
}
