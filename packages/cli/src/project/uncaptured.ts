/** Finds packages through which tests create what no driver captures. */
import type { Project } from './project.ts'

export interface Uncaptured {
  /** Names in package.json. */
  readonly packages: readonly string[]
  /** `Vitest`, `Clients`. */
  readonly subject: string
  readonly message: string
  readonly fix: string
}

interface UncapturedKind {
  /** @default 'Clients' */
  readonly subject?: string
  readonly packages: readonly string[]
  /** Another package that the same tests would use if they were tracked. */
  readonly unless?: string
  readonly why: string
  readonly fix: string
}

const notCaptured = 'no driver captures this: what tests create through it is not tracked'
const byHand = 'For what it creates, use track() and a cleaner, as docs/guide.md describes.'
const insteadOf = (captured: string): string => `Captured instead: ${captured}. ${byHand}`

const kinds: readonly UncapturedKind[] = [
  {
    subject: 'Vitest',
    packages: ['@cloudflare/vitest-plugin', '@cloudflare/vitest-pool-workers'],
    why: 'Dustpan does not run in its pool: what tests create there is not tracked',
    fix: "Tests in Vitest's own pools are tracked, as docs/vitest.md describes.",
  },
  {
    packages: ['@electric-sql/pglite'],
    unless: '@electric-sql/pglite-socket',
    why: notCaptured,
    fix: insteadOf('pg and postgres, which can connect to it through @electric-sql/pglite-socket'),
  },
  { packages: ['@neondatabase/serverless'], why: notCaptured, fix: insteadOf('pg and postgres') },
  { packages: ['mysql', 'mariadb', '@planetscale/database'], why: notCaptured, fix: insteadOf('mysql2') },
  {
    packages: ['sqlite3', 'sql.js', 'libsql', '@libsql/client', 'node-sqlite3-wasm', 'wa-sqlite'],
    why: notCaptured,
    fix: insteadOf('node:sqlite and better-sqlite3'),
  },
  {
    packages: ['@valkey/valkey-glide', 'iovalkey', '@upstash/redis'],
    why: notCaptured,
    fix: insteadOf('ioredis and redis'),
  },
  {
    packages: ['@confluentinc/kafka-javascript', 'node-rdkafka'],
    why: notCaptured,
    fix: insteadOf('kafkajs and @platformatic/kafka'),
  },
  {
    packages: [
      'tedious',
      'mssql',
      'msnodesqlv8',
      'oracledb',
      'ibm_db',
      'duckdb',
      '@duckdb/node-api',
      'cassandra-driver',
      'neo4j-driver',
      'gremlin',
      'amqplib',
      'nats',
      '@nats-io/transport-node',
      'mqtt',
      'memjs',
      'level',
      'lmdb',
      '@google-cloud/firestore',
      '@google-cloud/pubsub',
      '@google-cloud/spanner',
      'etcd3',
    ],
    why: notCaptured,
    fix: byHand,
  },
  {
    packages: [
      '@aws-sdk/client-dynamodb',
      '@aws-sdk/lib-dynamodb',
      '@aws-sdk/client-s3',
      '@aws-sdk/client-sqs',
      '@aws-sdk/client-sns',
      '@aws-sdk/client-eventbridge',
      '@azure/cosmos',
      '@azure/data-tables',
      '@azure/storage-blob',
      '@azure/storage-queue',
      '@elastic/elasticsearch',
      '@google-cloud/bigquery',
      '@google-cloud/storage',
      '@influxdata/influxdb-client',
      '@opensearch-project/opensearch',
      '@pinecone-database/pinecone',
      '@qdrant/js-client-rest',
      '@supabase/supabase-js',
      'arangojs',
      'aws-sdk',
      'firebase-admin',
      'meilisearch',
      'minio',
      'nano',
      'typesense',
      'weaviate-client',
    ],
    why: 'no driver captures this: what tests create through it is tracked only where its HTTP requests show it',
    fix: `${byHand} docs/http.md describes which requests are tracked.`,
  },
]

export function uncapturedIn(project: Project): readonly Uncaptured[] {
  return kinds.flatMap(({ subject = 'Clients', packages, unless, why, fix }) => {
    const found = packages.filter((name) => project.needs(name))
    if (found.length === 0 || (unless !== undefined && project.needs(unless))) return []
    return [{ packages: found, subject, message: `package.json lists ${found.join(', ')}: ${why}`, fix }]
  })
}
