/** Carries a run's ticket to the processes that a runner starts, where the runner has no channel of its own for that. */
import type { RunTicket } from '../tracking/run-ticket.ts'

const variable = 'DUSTPAN_TICKET'

/** From now on, until disposed, every process that is started with this environment can join the run. */
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

/** The run that this process was started in. Undefined: its main process has begun none. */
export function passedTicket(environment: NodeJS.ProcessEnv = process.env): RunTicket | undefined {
  const text = environment[variable]
  return text ? (JSON.parse(text) as RunTicket) : undefined
}
