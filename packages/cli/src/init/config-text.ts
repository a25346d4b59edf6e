/** Writes a first configuration: settings for everything found, and likely next steps as comments. */
import { type FoundOrigin, isOnThisMachine } from '../project/origin.ts'
import type { FoundStore } from '../project/stores.ts'

export interface Found {
  readonly origin: FoundOrigin | undefined
  readonly stores: readonly FoundStore[]
  /** Whether `.env` sets the variable. */
  isInDotenv(variable: string): boolean
  /** Whether the variable is set in the current environment. */
  isSet(variable: string): boolean
}

export function configText(found: Found): string {
  const uses = found.stores.map((store) => ({ store, from: sourceOf(found, store) }))
  const dotenv = uses.some(({ from }) => from === 'dotenv')
  const core = [
    'defineConfig',
    ...(uses.some(({ from }) => from !== undefined) ? ['env'] : []),
    ...http(found.origin).imports,
  ]
  const imports = [
    ...(dotenv
      ? [
          "import { existsSync, readFileSync } from 'node:fs'",
          "import { join } from 'node:path'",
          "import { parseEnv } from 'node:util'",
        ]
      : []),
    `import { ${core.join(', ')} } from '@dustpan/core'`,
    ...found.stores.map(({ driver }) => `import { ${driver} } from '@dustpan/${driver}'`),
  ]
  const lines = [...http(found.origin).lines, ...uses.flatMap(({ store, from }) => driverLines(store, from))]
  return `${[...imports, '', ...(dotenv ? [readsDotenv, ''] : []), ...body(lines)].join('\n')}\n`
}

const readsDotenv = `// Values from .env next to this file, for runs that do not load it. The environment takes precedence.
const dotenvFile = join(import.meta.dirname, '.env')
const dotenv = existsSync(dotenvFile) ? parseEnv(readFileSync(dotenvFile, 'utf8')) : {}`

type VariableSource = 'environment' | 'dotenv' | undefined

/** Where a run gets the store's variable; undefined when nothing sets it, as a required but unset variable would fail the run. */
function sourceOf({ isInDotenv, isSet }: Found, { variable }: FoundStore): VariableSource {
  if (variable === undefined) return undefined
  if (isInDotenv(variable)) return 'dotenv'
  return isSet(variable) ? 'environment' : undefined
}

const body = (drivers: readonly string[]): readonly string[] => [
  'export default defineConfig({',
  '  cleanup: {',
  "    // 'conditional' keeps what a failed test created, for inspection, until `npx dustpan clean`.",
  "    strategy: 'immediate',",
  '  },',
  "  // Where tests run: local, test, staging or production. DUSTPAN_ENVIRONMENT takes precedence; 'production' removes nothing.",
  "  environment: 'local',",
  '  // Hosts other than this machine that tests may delete from.',
  "  // allow: ['db.staging.example'],",
  '  // Never removed.',
  "  // protect: { types: ['countries'], ids: { users: [1] } },",
  '  drivers: [',
  ...drivers.map((line) => `    ${line}`),
  '  ],',
  '})',
]

/**
 * Tests may delete from hosts that are named here, so only an origin on this machine is active. Without any, all on this
 * machine are tracked.
 */
function http(found: FoundOrigin | undefined): {
  readonly imports: readonly string[]
  readonly lines: readonly string[]
} {
  if (found === undefined)
    return {
      imports: [],
      lines: [
        "// http({ origins: ['http://localhost:3000'] }): the services to track; by default, all on this machine.",
      ],
    }
  const line = `http({ origins: ['${found.origin}'] }),`
  if (isOnThisMachine(found.origin)) return { imports: ['http'], lines: [`${line} // ${found.from}`] }
  return { imports: [], lines: [`// ${line} ${found.from}: tests could delete there`] }
}

function driverLines({ driver, option, variable }: FoundStore, from: VariableSource): readonly string[] {
  if (from === 'dotenv') return [`${driver}({ ${option}: env('${variable}', dotenv.${variable}) }),`]
  if (from === 'environment') return [`${driver}({ ${option}: env('${variable}') }),`]
  const name = variable ?? examples[option]
  return [`// Add ${option}: env('${name}') ${purposes[option]}.`, `${driver}(),`]
}

const examples = { url: 'DATABASE_URL', file: 'DATABASE_FILE', brokers: 'KAFKA_BROKERS' } as const
const purposes = {
  url: 'to clean up after killed tests, too',
  file: 'to track only that database',
  brokers: 'to track only those brokers',
} as const
