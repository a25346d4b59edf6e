/** When what tests created is removed, and how. */
import type { Duration } from './duration.ts'

export const strategies = ['immediate', 'delayed', 'manual', 'conditional'] as const
export type Strategy = (typeof strategies)[number]

export const whens = ['after-test', 'after-file'] as const
export type When = (typeof whens)[number]

export interface CleanupOptions {
  /**
   * When to clean up: after each test (`immediate`), when `delay` has passed since its end (`delayed`), depending on how it ended
   * (`conditional`), or only by `dustpan clean` (`manual`).
   * @default 'immediate'
   */
  strategy?: Strategy
  /** With `conditional`: whether a passed test's data is removed. @default true */
  onSuccess?: boolean
  /** With `conditional`: whether a failed test's data is removed. @default false */
  onFailure?: boolean
  /** With `delayed`: how long after its end a test's data is due. `dustpan work` removes it then, or whoever comes by later. @default '1h' */
  delay?: Duration
  /**
   * When what is to go is removed: after each test (`after-test`), or, with that of all other tests of its file, when the file is over
   * (`after-file`): off the way of the tests, and in few statements. What only the test's process can remove never waits.
   * @default 'after-test'
   */
  when?: When
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
  /** Time for ending in order after Ctrl-C, cleaning up included; what is left then stays on record. @default '5s' */
  interruptTimeout?: Duration
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
  /**
   * Whether what is removed is backed up first, in the run's folder, so that `dustpan restore` can bring it back; `true`: everything. What no
   * backup can be written of stays; what the store cannot back up goes all the same, and a warning says so.
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
  /** Columns and fields that no backup holds, with their type: `['users.password']`. */
  omit?: readonly string[]
}

/** What a single test may decide for itself. */
export type PolicyOverride = Pick<CleanupOptions, 'strategy' | 'onSuccess' | 'onFailure' | 'delay' | 'when'>

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
