/** The protocol between a run's main process and its reaper: one JSON message per line. */
import type { describeError } from '../errors/dustpan-error.ts'
import type { RunTicket } from '../tracking/run-ticket.ts'

export type Order =
  /** Clean up this run if the pipe ends. `sendOnly`: the reaper is off, and only sends records to the shared ledger. */
  | { readonly watch: RunTicket; readonly sendOnly?: true }
  /** The run has ended. `left`: the reaper takes over what is still there. `goesOn`: its tests may create more until the pipe ends. */
  | { readonly over: string; readonly left: boolean; readonly goesOn: boolean }

export type Answer =
  /** The self-test passed. */
  | { readonly armed: true }
  | { readonly armed: false; readonly why: string }
  /** All of that run was sent to the shared ledger; otherwise the error. */
  | { readonly sent: string; readonly error?: ReturnType<typeof describeError> }

/** The file descriptor that the self-test reads to its end. */
export const testPipe = 3
