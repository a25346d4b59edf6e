import type { Settings } from '../config/settings.ts'

/** The main process's message to its workers: plain data. */
export interface RunTicket {
  readonly run: string
  readonly runner: string
  readonly build?: string
  readonly parentRun?: string
  /** The process that began the run. */
  readonly main?: { readonly pid: number; readonly pidStart: string }
  readonly settings: Settings
}
