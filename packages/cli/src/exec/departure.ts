/** Abandons a run: kills its processes, reports what is left, and exits. */
import { type RunTicket, readyToLeave } from '@dustpan/core/runner'
import type { Terminal } from '../terminal.ts'
import { killAll } from './descendants.ts'

export interface Departure {
  /** Must be called before `leave`. */
  prepare(): void
  leave(): void
  /** Leaves if the cleanup takes longer than `interruptTimeout`. */
  leaveInTime(): void
}

export function departureFrom(ticket: RunTicket, terminal: Terminal): Departure {
  let ready: ReturnType<typeof readyToLeave> | undefined
  const leave = async () => {
    killAll(ticket)
    const leavingText = await ready
    const text = leavingText?.() ?? ''
    if (text !== '') terminal.writeError(`${text}\n`)
    process.exit(130)
  }
  return {
    prepare() {
      ready = readyToLeave(ticket)
    },
    leave: () => void leave(),
    leaveInTime() {
      setTimeout(leave, ticket.settings.cleanup.interruptTimeoutMs).unref()
    },
  }
}
