/** Options for alerts: who is notified, and of what, when data stays behind. */
import type { Duration } from './duration.ts'
import type { EnvValue } from './env.ts'

export interface AlertOptions {
  /** Recipients. Each gets one message per cause, however many resources that cause affects. @default nobody */
  to?: readonly AlertHook[]
  /** Whether to send alerts about resources that could not be removed. @default true */
  onFailure?: boolean
  /** Checked by `dustpan orphans`. @default never */
  orphans?: {
    /** Alert when there are more orphans than this. @default 0 */
    moreThan?: number
    /** Count only orphans of runs whose last sign of life is older than this. @default all */
    olderThan?: Duration
  }
  /** Whether the run, or the command, exits with code 1 when there is an alert. @default false */
  fail?: boolean
}

/** A webhook, or a function in the configuration file. */
export interface AlertHook {
  name: string
  /** Where to send the alert. Strings in `body` may use `{text}`, `{count}` and every other field of the alert. */
  url?: string | EnvValue
  /** @default 'POST' */
  method?: string
  headers?: Record<string, string>
  /** @default the whole alert */
  body?: unknown
  run?: (alert: Alert) => unknown
}

/** One cause, and all resources that it affects. Possible secrets are redacted from all texts. */
export interface Alert {
  about: 'cleanup-failed' | 'orphans'
  /** `1,000 user in main could not be removed`. */
  title: string
  /** The title, the reason, the origin of the resources, and what to do. */
  text: string
  environment: string
  runs: readonly string[]
  count: number
  /** Number of resources per type. */
  types: { readonly [type: string]: number }
  /** The error code; empty if there is none. */
  code: string
  /** The driver and the address of its store. */
  store: string
  /** The first few resources: `user 7`. */
  sample: readonly string[]
  /** The line that created the first of them, if known. */
  source: string
  hint: string
}

export interface AlertSettings {
  readonly to: readonly (Omit<AlertHook, 'url'> & { readonly url?: string })[]
  readonly onFailure: boolean
  readonly orphans?: { readonly moreThan: number; readonly olderThanMs: number }
  readonly fail: boolean
}
