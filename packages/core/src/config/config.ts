/** The configuration as a user writes it. `schema.ts` checks it, `load.ts` finds it. */
import type { Cleaner, DriverConfig } from '../resource/driver.ts'
import type { Profile } from '../resource/profile.ts'
import type { Lifetime } from '../resource/resource.ts'

/** `'24h'`, `'30s'`, `'500ms'`, or milliseconds. */
export type Duration = string | number

export const environments = ['local', 'test', 'staging', 'production'] as const
export type Environment = (typeof environments)[number]

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
  /** What the data is said to be created by. @default 'dustpan' */
  createdBy?: string
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
