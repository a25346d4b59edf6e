/** Errors of an in-process server that the test has closed are permanent: its removals are not retried. */
import { DustpanError } from '../errors/dustpan-error.ts'
import { isClosed, isInProcess, isListening } from '../http-client/in-process.ts'
import type { ResourceId } from '../resource/resource.ts'
import type { RemovalOutcome } from '../resource/target.ts'

type Outcomes = ReadonlyMap<ResourceId, RemovalOutcome>

/** Turns temporary failures of a connection's removals into permanent ones. */
export function inProcessJudge(store: string): (outcomes: Outcomes) => Outcomes {
  if (!isInProcess(store)) return (outcomes) => outcomes
  let works = false
  return (outcomes) => {
    works ||= outcomes.values().some(({ state }) => state !== 'failed')
    const closed = isClosed(store)
    // supertest's servers listen only during a request: another answered removal shows that the application works.
    if (!closed && (works || isListening(store))) return outcomes
    return new Map([...outcomes].map(([id, outcome]) => [id, isTemporary(outcome) ? final(outcome, closed) : outcome]))
  }
}

type Failed = Extract<RemovalOutcome, { state: 'failed' }>

const isTemporary = (outcome: RemovalOutcome): outcome is Failed =>
  outcome.state === 'failed' && outcome.retry !== false

function final({ error }: Failed, closed: boolean): RemovalOutcome {
  const { message } = error
  return {
    state: 'failed',
    error: new DustpanError(
      'DUSTPAN_REMOVAL_FAILED',
      closed ? `${message.replace(/\.$/, '')}, ${afterwards}` : message,
      {
        hint: closed ? `Close it later: ${later}` : `If the test closes its application before that: ${later}`,
        cause: error,
      },
    ),
    retry: false,
  }
}

const afterwards = 'after the test had closed its server.'

const later =
  "in afterAll, what the tests created has already been removed. Or add the driver of the application's database, which removes the rows directly."
