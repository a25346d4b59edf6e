/** Passes a run's ticket through the environment, for runners without a channel of their own to their workers. */
import type { RunTicket } from '../tracking/run-ticket.ts'

const variable = 'DUSTPAN_TICKET'

/** Until disposed, every process started with this environment can join the run. */
export function passTicket(ticket: RunTicket, environment: NodeJS.ProcessEnv = process.env): Disposable {
  const before = environment[variable]
  environment[variable] = JSON.stringify(ticket)
  return {
    [Symbol.dispose]() {
      if (before === undefined) delete environment[variable]
      else environment[variable] = before
    },
  }
}

/** The run that this process was started in; undefined if its main process has not begun one. */
export function passedTicket(environment: NodeJS.ProcessEnv = process.env): RunTicket | undefined {
  const text = environment[variable]
  return text ? (JSON.parse(text) as RunTicket) : undefined
}
