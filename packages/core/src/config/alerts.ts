/** Who is told, and of what, when data stays behind. */
import type { Duration } from './duration.ts'
import type { EnvValue } from './env.ts'

export interface AlertOptions {
  /** Who is told: a message for each cause, however many things it keeps from going. @default nobody */
  to?: readonly AlertHook[]
  /** Whether to tell of what could not be removed. @default true */
  onFailure?: boolean
  /** Looked at by `dustpan orphans`. @default never */
  orphans?: {
    /** More orphans than these are told of. @default 0 */
    moreThan?: number
    /** Only those of runs last heard of longer ago count. @default all */
    olderThan?: Duration
  }
  /** Whether the run, or the command, then ends with exit code 1. @default false */
  fail?: boolean
}

/** A webhook, or a function of the configuration file. */
export interface AlertHook {
  name: string
  /** Where to send it. `{text}`, `{count}` and whatever else an alert has may stand in the body's strings. */
  url?: string | EnvValue
  /** @default 'POST' */
  method?: string
  headers?: Record<string, string>
  /** @default the whole alert */
  body?: unknown
  run?: (alert: Alert) => unknown
}

/** One cause, with all that it keeps from going. What may be a secret is taken out of every text. */
export interface Alert {
  about: 'cleanup-failed' | 'orphans'
  /** `1,000 user in main could not be removed`. */
  title: string
  /** The title, why, where they come from, and what to do. */
  text: string
  environment: string
  runs: readonly string[]
  count: number
  /** How many of each type. */
  types: { readonly [type: string]: number }
  /** The error's; empty where there is none. */
  code: string
  /** The driver and where its store is. */
  store: string
  /** The first few: `user 7`. */
  sample: readonly string[]
  /** The line that made the first of them, where that is known. */
  source: string
  hint: string
}

export interface AlertSettings {
  readonly to: readonly (Omit<AlertHook, 'url'> & { readonly url?: string })[]
  readonly onFailure: boolean
  readonly orphans?: { readonly moreThan: number; readonly olderThanMs: number }
  readonly fail: boolean
}
