/** The configuration as a user writes it. `schema.ts` checks it, `load.ts` finds it. */
import type { Cleaner, DriverConfig } from '../resource/driver.ts'
import type { MetadataColumns } from '../resource/metadata-columns.ts'
import type { Profile } from '../resource/profile.ts'
import type { Json, Lifetime } from '../resource/resource.ts'
import type { EnvValue } from './env.ts'

/** `'24h'`, `'30s'`, `'500ms'`, or milliseconds. */
export type Duration = string | number

export const environments = ['local', 'test', 'staging', 'production'] as const
export type Environment = (typeof environments)[number]

/** A name that nobody knows is production. */
export function environmentOf(name: string): Environment {
  return environments.find((known) => known === name) ?? 'production'
}

export const strategies = ['immediate', 'manual', 'conditional'] as const
export type Strategy = (typeof strategies)[number]

export interface CleanupOptions {
  /**
   * When to clean up: after each test (`immediate`), depending on how it ended (`conditional`), or only by `dustpan clean` (`manual`).
   * @default 'immediate'
   */
  strategy?: Strategy
  /** With `conditional`: whether a passed test's data is removed. @default true */
  onSuccess?: boolean
  /** With `conditional`: whether a failed test's data is removed. @default false */
  onFailure?: boolean
  /** Off: nothing is removed by itself, only tracked. @default true */
  autoCleanup?: boolean
  /** How long kept data is meant to stay; told in the report. @default '24h' */
  keepFor?: Duration
  /**
   * How old a thing of a test (lifetime `test`) may become, though its test goes on or hangs: after that `dustpan clean` takes it.
   * At most 24 hours.
   * @default '1h'
   */
  maxAge?: Duration
  /**
   * The order in which unrelated things are removed: last created first, first created first, or by type as listed (types not listed
   * come last, last created first). What the store says of dependencies overrides it.
   * @default 'reverse'
   */
  order?: 'reverse' | 'forward' | readonly string[]
  /** Retries of removals that may succeed later (409, 423, 425, 429, 5xx, lost connections, deadlocks). The delay doubles each time. */
  retry?: {
    /** Tries in all. @default 3 */
    attempts?: number
    /** Before the second try. @default '1s' */
    delay?: Duration
  }
  /** Time for cleaning up after one test, file or run; not taken from the test's own timeout. @default '30s' */
  timeout?: Duration
  /** Whether `children` of tracked things are removed with them. @default true */
  cascade?: boolean
  /** `auto`: as cheap as the store allows; `read-back`: look again at everything removed; `none`: trust. @default 'auto' */
  verify?: 'auto' | 'read-back' | 'none'
  /**
   * Whether all rows of a test, file or run in one database go in one transaction: when one cannot go, none does. What is in several
   * stores, or in one without transactions, cannot; a warning says so.
   * @default false
   */
  atomic?: boolean
  /** Whether a failed cleanup fails the test. @default 'warn' */
  onCleanupFailure?: 'warn' | 'fail'
  /** Called or sent at the end of each run that tracked something. A hook that fails is a warning. */
  hooks?: readonly CleanupHook[]
}

/** What a single test may decide for itself. */
export type PolicyOverride = Pick<CleanupOptions, 'strategy' | 'onSuccess' | 'onFailure'>

/** What a cleanup hook is told. */
export interface CleanupSummary {
  runId: string
  environment: string
  tracked: number
  removed: number
  kept: number
  failed: number
  durationMs: number
}

/** A webhook, or a function of the configuration file. */
export interface CleanupHook {
  name: string
  /** Where to send it. `{runId}` and the counts may stand in the body's strings. */
  url?: string
  /** @default 'POST' */
  method?: string
  headers?: Record<string, string>
  /** @default the whole summary */
  body?: unknown
  run?: (summary: CleanupSummary) => unknown
}

export interface MetadataOptions {
  /** Whether requests to tracked origins name the run and the test in headers. @default true */
  headers?: boolean
  /** @default 'X-Test-' */
  headerPrefix?: string
  /**
   * The fields by which the application tells test data from other data: what `scope().marks()` gives, for bodies of requests and documents.
   * `{run}` and `{test}` in texts are filled in. `{}`: none.
   * @default { tags: ['test-data'], isTest: true }
   */
  marks?: { readonly [field: string]: Json }
  /** Whether pages that a test drives name run and test in a cookie, on the hosts of tracked origins. @default false */
  cookie?: boolean
  /** What the data is said to be created by. @default 'dustpan' */
  createdBy?: string
  /**
   * Whether rows are marked in tables that have columns for it, made by `dustpan db migration`; or what these columns are called.
   * @default 'auto'
   */
  columns?: 'auto' | false | Partial<MetadataColumns>
}

export interface ProtectOptions {
  /** Types (a record's own, or the table's) that stay. */
  types?: readonly string[]
  /** Things that stay, by type: `{ users: [1, 'admin'] }`. */
  ids?: { readonly [type: string]: readonly (string | number)[] }
  /** What was created longer ago is too old to be touched. */
  olderThan?: Duration
  /** Of a kind of which more than so many are due at once, nothing is removed. */
  atMost?: number
}

/** A request that the application answers with 2xx when tests may run. */
export interface AccessOptions {
  /** Where it is sent, by POST: `http://localhost:3000/api/test/verify-access`. */
  url: string | EnvValue
  /** Sent as `x-internal-key`; only from the environment: `env('INTERNAL_KEY')`. */
  key?: EnvValue
  /** What the tests want to do, in the application's words. @default 'ephemeral' */
  scope?: string
  /** How long the application may keep what tests create. @default '1h' */
  maxAge?: Duration
}

/** What is removed before the first test. */
export interface AtStartOptions {
  /** What runs have left whose processes are dead; what they kept on purpose stays. @default false */
  leftovers?: boolean
  /** Where the profile has `reset: true`: everything, or these kinds. @default false */
  reset?: boolean | readonly string[]
  /** Where it is not reset: everything of these owners, who stay. */
  owner?: string | number | readonly (string | number)[]
  /** Where it is not reset: what has these tags. */
  tag?: string | readonly string[]
}

export interface DustpanConfig {
  /** Where the tests run. `DUSTPAN_ENVIRONMENT` overrides; any other name counts as production, where nothing is removed. @default 'local' */
  environment?: Environment
  cleanup?: CleanupOptions
  /** When captured things go, if nothing else is said. @default 'test' */
  lifetime?: Lifetime
  metadata?: MetadataOptions
  /** What each environment allows, where that differs from the table in docs/safety.md. */
  profiles?: { readonly [Name in Environment]?: Partial<Profile> }
  /** What is never removed, though a test created it, or a predicate finds it. */
  protect?: ProtectOptions
  /** Asks the application, before the first test, whether tests may run against it. */
  access?: AccessOptions
  /** What is removed before the first test of a run. */
  atStart?: AtStartOptions
  /** Hosts and databases that are not on this machine, or look like production, and may be cleaned all the same. */
  allow?: readonly string[]
  /** Functions that remove what no driver knows, by name: `track({ …, remove: { cleaner: 'stripe-customer' } })`. */
  cleaners?: Record<string, Cleaner>
  /** HTTP to loopback origins, and files, where none is given. */
  drivers?: readonly DriverConfig[]
  /** Whether the report names the source line of each creation; costs about 6 µs a creation. @default true */
  sourceLines?: boolean
}

/** Gives types to a configuration; returns it as it is. */
export function defineConfig(config: DustpanConfig): DustpanConfig {
  return config
}
