/** A run that is given up: its processes are killed, what is left is told, and Dustpan ends. */
import { type RunTicket, readyToLeave } from '@dustpan/core/runner'
import type { Terminal } from '../terminal.ts'
import { killAll } from './descendants.ts'

export interface Departure {
  /** To be called before it comes to that. */
  prepare(): void
  leave(): void
  /** Should cleaning up take longer than the configuration allows after Ctrl-C. */
  leaveInTime(): void
}

export function departureFrom(ticket: RunTicket, terminal: Terminal): Departure {
  let ready: ReturnType<typeof readyToLeave> | undefined
  const leave = async () => {
    killAll(ticket)
    const tell = await ready
    const text = tell?.() ?? ''
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
