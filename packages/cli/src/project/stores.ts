/** Detects the stores that a project's tests may write to, by its client libraries and the names of variables. */
import type { Project } from './project.ts'

interface KnownStore {
  /** The name of the driver's function. */
  readonly driver: string
  readonly clients: readonly string[]
  /** Names of variables that may hold its address, most likely first. */
  readonly variables: readonly RegExp[]
  /** The driver's option for the address. */
  readonly option: 'url' | 'file' | 'brokers'
}

export interface FoundStore extends KnownStore {
  readonly package: string
  /** The client library by which it was found. */
  readonly client: string
  /** The name of a variable with its address; its value is not read. */
  readonly variable?: string
}

const anyDatabase = /^(?:TEST_)?(?:DATABASE|DB)_(?:URL|URI|DSN)$/

const known: readonly KnownStore[] = [
  {
    driver: 'postgres',
    clients: ['pg', 'postgres', '@prisma/adapter-pg'],
    variables: [/^(?:TEST_)?(?:POSTGRES(?:QL)?|PG)_(?:URL|URI|DSN)$/, anyDatabase],
    option: 'url',
  },
  {
    driver: 'mysql',
    clients: ['mysql2'],
    variables: [/^(?:TEST_)?(?:MYSQL|MARIADB)_(?:URL|URI|DSN)$/, anyDatabase],
    option: 'url',
  },
  {
    driver: 'sqlite',
    clients: ['better-sqlite3', '@prisma/adapter-better-sqlite3'],
    variables: [/^(?:SQLITE|DATABASE|DB)_(?:FILE|PATH)$/],
    option: 'file',
  },
  {
    driver: 'mongodb',
    clients: ['mongodb', 'mongoose'],
    variables: [/^(?:TEST_)?MONGO(?:DB)?_(?:URL|URI|DSN|CONNECTION_STRING)$/],
    option: 'url',
  },
  {
    driver: 'redis',
    clients: ['ioredis', 'redis'],
    variables: [/^(?:TEST_)?(?:REDIS|VALKEY)_(?:URL|URI)$/],
    option: 'url',
  },
  { driver: 'clickhouse', clients: ['@clickhouse/client'], variables: [/^CLICKHOUSE_(?:URL|URI)$/], option: 'url' },
  {
    driver: 'kafka',
    clients: ['kafkajs', '@platformatic/kafka'],
    variables: [/^KAFKA_(?:BROKERS?|BOOTSTRAP_SERVERS?)$/],
    option: 'brokers',
  },
]

export function storesIn(project: Project, environment: NodeJS.ProcessEnv): readonly FoundStore[] {
  const names = variableNames(project, environment)
  const found = known.flatMap((store) => {
    const client = store.clients.find((name) => project.needs(name))
    return client === undefined ? [] : [{ ...store, client }]
  })
  const databases = found.filter(({ variables }) => variables.includes(anyDatabase))
  return found.map((store) => {
    // With two databases, `DATABASE_URL` may belong to either.
    const likely = databases.length > 1 ? store.variables.filter((name) => name !== anyDatabase) : store.variables
    const variable = likely.flatMap((name) => names.filter((text) => name.test(text)))[0]
    return { ...store, package: `@dustpan/${store.driver}`, ...(variable === undefined ? {} : { variable }) }
  })
}

/** The code that configures a store's driver, or in JSON and YAML the entry. */
export function driverCode({ driver, package: from, option, variable }: FoundStore, file: string): string {
  if (/\.(?:json|ya?ml)$/.test(file)) return `{ "use": "${from}", "name": "${driver}", "options": {} }`
  const given = variable === undefined ? '' : `{ ${option}: env('${variable}') }`
  const env = variable === undefined ? '' : `import { env } from '@dustpan/core'\n`
  return `${env}import { ${driver} } from '${from}'\n\ndrivers: [${driver}(${given})]`
}

const envFiles = [
  '.env',
  '.env.test',
  '.env.local',
  '.env.example',
  '.env.sample',
  '.env.template',
  '.env.test.example',
]

/** Reads only names, not values. */
function variableNames(project: Project, environment: NodeJS.ProcessEnv): readonly string[] {
  const inFiles = envFiles.flatMap((file) => (project.read(file) ?? '').split('\n').flatMap(nameIn))
  return [...new Set([...Object.keys(environment), ...inFiles])]
}

function nameIn(line: string): readonly string[] {
  const name = /^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=/.exec(line)?.[1]
  return name === undefined ? [] : [name]
}

/** Whether `.env` gives the variable a value: a run has it only if something loads that file. */
export const isInDotenv = (project: Project, variable: string): boolean =>
  (project.read('.env') ?? '').split('\n').some((line) => nameIn(line)[0] === variable && /=\s*[^\s#]/.test(line))
