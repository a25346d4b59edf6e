/** Outcomes that no driver returns. */

import { DustpanError, isDustpanError, messageOf } from '../errors/dustpan-error.ts'
import type { Outcome, Outcomes } from '../journal/removal-log.ts'
import type { Resource, ResourceId, StoreRef } from '../resource/resource.ts'
import { withoutIdentity } from '../resource/store-identity.ts'
import type { RefusalReason, RemovalOutcome } from '../resource/target.ts'

export const outOfTime: RemovalOutcome = { state: 'pending', why: 'budget', afterMs: 0 }

export const lostClosure: Outcome = {
  state: 'lost',
  error: new DustpanError('DUSTPAN_LOST_CLOSURE', 'The removal is a function, and its process has ended.', {
    hint: 'Give the removal as data, or use a cleaner from the configuration: another process can run either.',
  }),
}

export const lostStore = {
  state: 'lost',
  error: new DustpanError(
    'DUSTPAN_STORE_GONE',
    'The server that could have removed it ran inside a process that has ended.',
    {
      hint: 'If the server kept it in memory, it is gone: drop the record with `dustpan forget`. What it wrote to a database is still there: add a driver for that database, and its rows are removed.',
    },
  ),
} as const satisfies Outcome

export function allAs(resources: readonly Pick<Resource, 'id'>[], outcome: Outcome): Outcomes {
  return new Map(resources.map(({ id }) => [id, outcome]))
}

const refusals: Readonly<Record<string, RefusalReason>> = {
  DUSTPAN_WRONG_STORE: 'wrong-store',
  DUSTPAN_HOST_REFUSED: 'host',
  DUSTPAN_PROFILE_REFUSED: 'profile',
  DUSTPAN_NOT_OURS: 'not-ours',
}

const final = new Set([
  'DUSTPAN_INVALID_ARGUMENT',
  'DUSTPAN_DRIVER_UNAVAILABLE',
  'DUSTPAN_CONFIG_INVALID',
  'DUSTPAN_CONFIG_UNREADABLE',
  'DUSTPAN_STORE_GONE',
])

/** The outcome for a store that could not be opened. */
export function unreachable(cause: unknown, store: StoreRef): RemovalOutcome {
  return thrown(
    cause,
    'DUSTPAN_STORE_UNREACHABLE',
    `${withoutIdentity(store.id)} could not be reached: ${messageOf(cause)}`,
  )
}

/** An unreachable store is no failure yet: its resources wait until it answers. */
export function waiting(outcomes: ReadonlyMap<ResourceId, Outcome>): Outcomes {
  if (!outcomes.values().some(isUnanswered)) return outcomes
  const alike = new Map<Outcome, Outcome>()
  return new Map(
    [...outcomes].map(([id, outcome]) => {
      const known = alike.get(outcome) ?? (isUnanswered(outcome) ? waitingFor(outcome) : outcome)
      alike.set(outcome, known)
      return [id, known]
    }),
  )
}

type Unanswered = Extract<RemovalOutcome, { state: 'failed' }>

const isUnanswered = (outcome: Outcome): outcome is Unanswered =>
  outcome.state === 'failed' && outcome.error.code === 'DUSTPAN_STORE_UNREACHABLE'

function waitingFor({ error, retry }: Unanswered): Outcome {
  return { state: 'pending', why: 'unreachable', afterMs: retry === false ? 0 : (retry.afterMs ?? 0), error }
}

/** The outcome for a driver that threw instead of answering. */
export function driverFailed(cause: unknown, driver: string): RemovalOutcome {
  return thrown(cause, 'DUSTPAN_REMOVAL_FAILED', `The driver ${JSON.stringify(driver)} failed: ${messageOf(cause)}`)
}

export function unanswered(driver: string): RemovalOutcome {
  const error = new DustpanError(
    'DUSTPAN_REMOVAL_FAILED',
    `The driver ${JSON.stringify(driver)} returned no outcome for it.`,
  )
  return { state: 'failed', error, retry: {} }
}

export function unknownDriver(name: string): RemovalOutcome {
  const error = new DustpanError(
    'DUSTPAN_UNKNOWN_DRIVER',
    `The configuration has no driver ${JSON.stringify(name)}, which the record names.`,
    { hint: 'Add it to the configuration again.' },
  )
  return { state: 'failed', error, retry: false }
}

function thrown(
  cause: unknown,
  code: 'DUSTPAN_STORE_UNREACHABLE' | 'DUSTPAN_REMOVAL_FAILED',
  message: string,
): RemovalOutcome {
  const error = isDustpanError(cause) ? cause : new DustpanError(code, message, { cause })
  const why = refusals[error.code]
  if (why !== undefined) return { state: 'refused', why, detail: null, error }
  return { state: 'failed', error, retry: final.has(error.code) ? false : {} }
}
