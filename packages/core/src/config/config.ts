/** The configuration as users write it. `schema.ts` validates it, `load.ts` finds it. */
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

/** Unknown names count as production. */
export function environmentOf(name: string): Environment {
  return environments.find((known) => known === name) ?? 'production'
}

export interface MetadataOptions {
  /** Whether requests to tracked origins carry the run and the test in headers. @default true */
  headers?: boolean
  /** @default 'X-Test-' */
  headerPrefix?: string
  /**
   * The fields by which the application recognises test data: `scope().marks()` returns them, for request bodies and documents.
   * `{run}` and `{test}` in strings are replaced. `{}`: none.
   * @default { tags: ['test-data'], isTest: true }
   */
  marks?: { readonly [field: string]: Json }
  /** Whether pages that a test drives carry the run and the test in a cookie, on the hosts of tracked origins. @default false */
  cookie?: boolean
  /** The creator named in headers and records. @default 'dustpan' */
  createdBy?: string
  /**
   * Whether rows are marked in tables with columns for it, which `dustpan db migration` adds; or the names of these columns.
   * @default 'auto'
   */
  columns?: 'auto' | false | Partial<MetadataColumns>
}

export interface ProtectOptions {
  /** Types that are never removed: a record's own type, or the table. */
  types?: readonly string[]
  /** Resources that are never removed, by type: `{ users: [1, 'admin'] }`. */
  ids?: { readonly [type: string]: readonly (string | number)[] }
  /** Resources created longer ago than this are not touched. */
  olderThan?: Duration
  /**
   * For removal by predicate: a resource with the id of another run that is not known to be over is removed only when it is older than this,
   * because that run may still be going on, in another project or on another machine.
   * @default '1h'
   */
  youngerThan?: Duration
  /** If more resources of one kind than this are due at once, none of them is removed. */
  atMost?: number
}

/** A request that the application answers with 2xx when tests may run. */
export interface AccessOptions {
  /** Where to send it, by POST: `http://localhost:3000/api/test/verify-access`. */
  url: string | EnvValue
  /** Sent as `x-internal-key`. Must come from the environment: `env('INTERNAL_KEY')`. */
  key?: EnvValue
  /** The intended use, in the application's own terms. @default 'ephemeral' */
  scope?: string
  /** How long the application may keep the tests' data. @default '1h' */
  maxAge?: Duration
}

/** Removal before the first test. */
export interface AtStartOptions {
  /** Remove leftovers of runs whose processes are dead, except what was kept on purpose. @default false */
  leftovers?: boolean
  /** If the profile has `reset: true`: remove everything, or these kinds. @default false */
  reset?: boolean | readonly string[]
  /** If `reset` does not apply: remove everything that belongs to these owners, but not the owners. */
  owner?: string | number | readonly (string | number)[]
  /** If `reset` does not apply: remove resources with these tags. */
  tag?: string | readonly string[]
}

/** When `dustpan work` removes leftovers of earlier runs, as `dustpan orphans --execute` does. */
export interface ScheduleEntry {
  /** Minute, hour, day, month, day of the week: `0 3 * * *`. With a sixth field in front: seconds. */
  cron: string
  /** The time zone of `cron`: `Europe/Berlin`. @default 'UTC' */
  timezone?: string
  /** Only runs whose last sign of life is older than this. @default all that are over */
  olderThan?: Duration
}

/** The argument of the `prepare` module. */
export interface PrepareContext {
  /** The CI build. */
  readonly build: string
  /** The run under which everything is recorded. */
  readonly testId: string
  /** The environment's name. */
  readonly environment: string
}

export interface DustpanConfig {
  /** Where the tests run. `DUSTPAN_ENVIRONMENT` overrides it; any other name counts as production, where nothing is removed. @default 'local' */
  environment?: Environment
  cleanup?: CleanupOptions
  /** The default lifetime of captured resources. @default 'test' */
  lifetime?: Lifetime
  metadata?: MetadataOptions
  /** What each environment allows, where it differs from the table in docs/safety.md. */
  profiles?: { readonly [Name in Environment]?: Partial<Profile> }
  /** Resources that are never removed, even if a test created them or a predicate matches them. */
  protect?: ProtectOptions
  /** Asks the application, before the first test, whether tests may run against it. */
  access?: AccessOptions
  /** Removal before the first test of a run. */
  atStart?: AtStartOptions
  /** When `dustpan work` removes leftovers of earlier runs. @default never */
  schedule?: readonly ScheduleEntry[]
  /** Who is notified when data stays behind. */
  alerts?: AlertOptions
  /**
   * Whether a separate process, the reaper, cleans up when the run's main process is killed. `DUSTPAN_REAPER=0` also turns it off.
   * @default true
   */
  reaper?: boolean
  /**
   * A ledger that several machines share: `postgresLedger({ url: env('DUSTPAN_LEDGER_URL') })`, or `redisLedger`. Each machine sends its
   * records there, and their `dustpan` commands see each other's runs. An empty URL: no shared ledger.
   */
  ledger?: LedgerConfig
  /**
   * Shadow mode: reports what would be removed, and removes nothing; `dustpan ci prepare` creates nothing. `DUSTPAN_SHADOW=1` turns it on, `0` off.
   * @default true in production, unless its profile has `remove: true`
   */
  shadow?: boolean
  /** A module whose default export `dustpan ci prepare` calls. All jobs of a build share what it creates, until `dustpan ci clean`. */
  prepare?: string
  /** Hosts and databases that may be cleaned although they are not on this machine, or look like production. */
  allow?: readonly string[]
  /**
   * Hosts at private addresses that are the same server on every machine, so that resources created there by another machine are removed
   * from here, too: a full name, or `*.internal`. Never `localhost`, or another host that each machine or network has for itself.
   */
  sameEverywhere?: readonly string[]
  /** Functions for removals that no driver supports, by name: `track({ …, remove: { cleaner: 'stripe-customer' } })`. */
  cleaners?: Record<string, Cleaner>
  /** Drivers of the stores. HTTP on loopback origins, and files, are built in. */
  drivers?: readonly DriverConfig[]
  /** Whether the report names the source line of each creation; costs about 6 µs per creation. @default true */
  sourceLines?: boolean
}

/** Adds types to a configuration; returns it unchanged. */
export function defineConfig(config: DustpanConfig): DustpanConfig {
  return config
}
