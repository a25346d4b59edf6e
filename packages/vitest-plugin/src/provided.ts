/** Types of the values that the plugin passes to its setup file with Vitest's `provide`. */
import type { CleanupReport } from '@dustpan/core'
import type { RunTicket } from '@dustpan/core/runner'

export interface ProvidedTicket {
  readonly ticket: RunTicket
  /** Whether the pool runs tests in a vm context, where Vitest loads the modules. */
  readonly vm: boolean
}

declare module 'vitest' {
  interface ProvidedContext {
    dustpan: ProvidedTicket
  }
  interface TaskMeta {
    /** The cleanup report of a test, or of a file's own resources. */
    dustpan?: CleanupReport
  }
}
