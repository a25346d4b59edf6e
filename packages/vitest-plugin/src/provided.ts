/** What the plugin gives to its setup file, by Vitest's own channel. */
import type { CleanupReport } from '@dustpan/core'
import type { RunTicket } from '@dustpan/core/runner'

export interface ProvidedTicket {
  readonly ticket: RunTicket
  /** The pool runs tests in a vm context, where modules are loaded by Vitest. */
  readonly vm: boolean
}

declare module 'vitest' {
  interface ProvidedContext {
    dustpan: ProvidedTicket
  }
  interface TaskMeta {
    /** The cleanup report of a test, or of a file's own data. */
    dustpan?: CleanupReport
  }
}
