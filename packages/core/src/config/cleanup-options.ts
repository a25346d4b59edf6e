/** Options for when and how test data is removed. */
import type { Duration } from './duration.ts'

export const strategies = ['immediate', 'delayed', 'manual', 'conditional'] as const
export type Strategy = (typeof strategies)[number]

export const whens = ['after-test', 'after-file'] as const
export type When = (typeof whens)[number]

export interface CleanupOptions {
  /**
   * When to clean up: after each test (`immediate`), once `delay` has passed since the end of the test (`delayed`), depending on its result
   * (`conditional`), or only by `dustpan clean` (`manual`).
   * @default 'immediate'
   */
  strategy?: Strategy
  /** With `conditional`: whether a passed test's data is removed. @default true */
  onSuccess?: boolean
  /** With `conditional`: whether a failed test's data is removed. @default false */
  onFailure?: boolean
  /** With `delayed`: how long after the end of a test its data is due. `dustpan work` or a later cleanup removes it then. @default '1h' */
  delay?: Duration
  /**
   * When due resources are removed: after each test (`after-test`), or together with those of all other tests in the file once the file is
   * over (`after-file`): this does not delay the tests, and takes few statements. Resources that only the test's process can remove never wait.
   * @default 'after-test'
   */
  when?: When
  /** `false`: nothing is removed automatically, only tracked. @default true */
  autoCleanup?: boolean
  /** How long kept data stays; shown in the report. @default '24h' */
  keepFor?: Duration
  /**
   * The maximum age of a test's resources (lifetime `test`), even if the test is still running or hangs: `dustpan clean` removes older ones.
   * At most 24 hours.
   * @default '1h'
   */
  maxAge?: Duration
  /**
   * The order in which unrelated resources are removed: last created first, first created first, or by type as listed (types not listed
   * come last, last created first). Dependencies reported by the store override it.
   * @default 'reverse'
   */
  order?: 'reverse' | 'forward' | readonly string[]
  /** Retries of removals that may succeed later (409, 423, 425, 429, 5xx, lost connections, deadlocks). The delay doubles each time. */
  retry?: {
    /** Attempts in total. @default 3 */
    attempts?: number
    /** Delay before the second attempt. @default '1s' */
    delay?: Duration
  }
  /** Time limit for cleaning up after one test, file or run; not part of the test's own timeout. @default '30s' */
  timeout?: Duration
  /** Time limit for shutting down after Ctrl-C, including cleanup; the rest stays on record. @default '5s' */
  interruptTimeout?: Duration
  /** Whether `children` of tracked resources are removed with them. @default true */
  cascade?: boolean
  /** `auto`: as cheap as the store allows; `read-back`: check everything after removal; `none`: trust the store. @default 'auto' */
  verify?: 'auto' | 'read-back' | 'none'
  /**
   * Whether all rows of a test, file or run in one database are removed in one transaction: all of them or none. Not possible for resources
   * in several stores, or in a store without transactions; a warning says so.
   * @default false
   */
  atomic?: boolean
  /**
   * Whether resources are backed up in the run's folder before removal, so that `dustpan restore` can restore them; `true`: all of them.
   * A resource whose backup cannot be written is not removed; one whose store has no backups is removed anyway, with a warning.
   * @default false
   */
  backup?: boolean | BackupOptions
  /** Whether a failed cleanup fails the test. @default 'warn' */
  onCleanupFailure?: 'warn' | 'fail'
  /** Called or sent at the end of each run that tracked something. A hook that fails is a warning. */
  hooks?: readonly CleanupHook[]
}

export interface BackupOptions {
  /** Only these types. @default all */
  types?: readonly string[]
  /** Columns and fields to leave out of backups, with their type: `['users.password']`. */
  omit?: readonly string[]
}

/** The options that a single test may override. */
export type PolicyOverride = Pick<CleanupOptions, 'strategy' | 'onSuccess' | 'onFailure' | 'delay' | 'when'>

/** The payload of a cleanup hook. */
export interface CleanupSummary {
  runId: string
  environment: string
  tracked: number
  removed: number
  kept: number
  failed: number
  durationMs: number
}

/** A webhook, or a function in the configuration file. */
export interface CleanupHook {
  name: string
  /** Where to send the summary. Strings in `body` may use `{runId}` and the counts. */
  url?: string
  /** @default 'POST' */
  method?: string
  headers?: Record<string, string>
  /** @default the whole summary */
  body?: unknown
  run?: (summary: CleanupSummary) => unknown
}
