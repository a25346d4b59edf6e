/** The configuration as a user writes it. `schema.ts` checks it, `load.ts` finds it. */
import type { Cleaner, DriverConfig } from '../resource/driver.ts'
import type { LedgerConfig } from '../resource/ledger-config.ts'
import type { MetadataColumns } from '../resource/metadata-columns.ts'
import type { Profile } from '../resource/profile.ts'
import type { Json, Lifetime } from '../resource/resource.ts'
import type { AlertOptions } from './alerts.ts'
import type { CleanupOptions } from './cleanup-options.ts'
import type { Duration } from './duration.ts'
import type { EnvValue } from './env.ts'

export const environments = ['local', 'test', 'staging', 'production'] as const
export type Environment = (typeof environments)[number]

/** A name that nobody knows is production. */
export function environmentOf(name: string): Environment {
  return environments.find((known) => known === name) ?? 'production'
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
  /**
   * By predicate, what carries the id of another run that is not known to be over goes only when it is older than this: that run may be going
   * on, in another project or on another machine.
   * @default '1h'
   */
  youngerThan?: Duration
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

/** When `dustpan work` removes what earlier runs have left: as `dustpan orphans --execute` does. */
export interface ScheduleEntry {
  /** Minute, hour, day, month, day of the week: `0 3 * * *`. With a sixth field in front: seconds. */
  cron: string
  /** The one that `cron` is meant in: `Europe/Berlin`. @default 'UTC' */
  timezone?: string
  /** Only of runs last heard of longer ago. @default all that are over */
  olderThan?: Duration
}

/** What the module of `prepare` is called with. */
export interface PrepareContext {
  /** The CI build. */
  readonly build: string
  /** The run under which everything is on record. */
  readonly testId: string
  /** What the configuration calls the environment. */
  readonly environment: string
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
  /** When `dustpan work` removes what earlier runs have left. @default never */
  schedule?: readonly ScheduleEntry[]
  /** Who is told when data stays behind. */
  alerts?: AlertOptions
  /**
   * Whether a process of its own cleans up after a run whose main process is killed. `DUSTPAN_REAPER=0` does without one, too.
   * @default true
   */
  reaper?: boolean
  /**
   * A ledger that several machines share: `postgresLedger({ url: env('DUSTPAN_LEDGER_URL') })`, or `redisLedger`. What each records is sent
   * there, and their `dustpan` commands know of each other's runs. None where its URL is empty.
   */
  ledger?: LedgerConfig
  /**
   * Shadow mode: what would be removed is told, and nothing is; `dustpan ci prepare` creates nothing. `DUSTPAN_SHADOW=1` switches it on, `0` off.
   * @default true in production, unless its profile has `remove: true`
   */
  shadow?: boolean
  /** A module whose default export `dustpan ci prepare` calls: what it creates is for all jobs of a build, until `dustpan ci clean`. */
  prepare?: string
  /** Hosts and databases that are not on this machine, or look like production, and may be cleaned all the same. */
  allow?: readonly string[]
  /**
   * Hosts at private addresses that mean the same server on every machine, so that what another machine created there is removed from here, too:
   * by their whole name, or `*.internal`. Never `localhost`, or what else each machine or network has for itself.
   */
  sameEverywhere?: readonly string[]
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
