/** What a run's main process and its reaper tell each other, a JSON line each. */
import type { describeError } from '../errors/dustpan-error.ts'
import type { RunTicket } from '../tracking/run-ticket.ts'

export type Order =
  /** From now on, should the pipe end, this run is to be cleaned up. */
  /** `sendOnly`: no reaper is wanted, but what it records is to be sent to the shared ledger. */
  | { readonly watch: RunTicket; readonly sendOnly?: true }
  /** It has ended; what was still open in it is handed over. `goesOn`: its tests may create something until the pipe ends. */
  | { readonly over: string; readonly left: boolean; readonly goesOn: boolean }

export type Answer =
  /** The self-test has passed. */
  | { readonly armed: true }
  | { readonly armed: false; readonly why: string }
  /** All of that run was sent to the shared ledger; or why it was not. */
  | { readonly sent: string; readonly error?: ReturnType<typeof describeError> }

/** The file descriptor whose end, seen by the reaper, is part of the self-test. */
export const testPipe = 3
