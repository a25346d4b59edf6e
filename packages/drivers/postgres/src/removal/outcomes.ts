import {
  type Code,
  DustpanError,
  messageOf,
  type RemovalOutcome,
  type ResourceId,
  type Target,
} from '@dustpan/core/driver'
import { isServerError } from '../pg.ts'

export type Outcomes = Map<ResourceId, RemovalOutcome>

export function each(targets: readonly Target[], outcome: RemovalOutcome): Outcomes {
  const outcomes: Outcomes = new Map()
  for (const { id } of targets) outcomes.set(id, outcome)
  return outcomes
}

export function together(parts: readonly Outcomes[]): Outcomes {
  const filled = parts.filter((part) => part.size > 0)
  return filled.length === 1 && filled[0] ? filled[0] : new Map(filled.flatMap((part) => [...part]))
}

export const removed: RemovalOutcome = { state: 'removed', result: '1 row' }
/** Gone for the application; the row is there. */
const marked: RemovalOutcome = { state: 'removed', result: 'marked' }
export const alreadyGone: RemovalOutcome = { state: 'already-gone', result: '0 rows' }

/** Rows of batches that have something set are not deleted. */
export function toldAsMarked(
  batches: readonly { readonly set?: unknown; readonly targets: readonly Target[] }[],
  outcomes: Outcomes,
): Outcomes {
  for (const { id } of batches.flatMap(({ set, targets }) => (set === undefined ? [] : targets)))
    if (outcomes.get(id) === removed) outcomes.set(id, marked)
  return outcomes
}

/** Somebody's transaction holds the row. */
export const locked: RemovalOutcome = { state: 'pending', why: 'open-transaction', afterMs: 1_000 }

export function isLockTimeout(error: unknown): boolean {
  return isServerError(error) && error.code === '55P03'
}

/** Whether trying again may help: lost connections, deadlocks, shutdowns, too few resources. */
export function isPassing(error: unknown): boolean {
  return !isServerError(error) || error.code === '40001' || error.code === '40P01' || /^(?:08|53|57P)/.test(error.code)
}

/** Whether a statement failed because rows refer to its own. */
export function isReferred(error: unknown): boolean {
  return isServerError(error) && (error.code === '23503' || error.code === '23001')
}

export function failed(what: string, error: unknown): RemovalOutcome {
  if (error instanceof DustpanError) return { state: 'failed', error, retry: false }
  const state = isServerError(error) ? ` (SQLSTATE ${error.code})` : ''
  const detail = isServerError(error) && error.detail ? `: ${error.detail}` : ''
  return failedWith('DUSTPAN_REMOVAL_FAILED', `${what}: ${messageOf(error)}${detail}${state}`, {
    cause: error,
    passing: isPassing(error),
  })
}

export function failedWith(
  code: Code,
  message: string,
  { cause, passing = false, hint }: { cause?: unknown; passing?: boolean; hint?: string } = {},
): RemovalOutcome {
  const error = new DustpanError(code, message, { cause, ...(hint === undefined ? {} : { hint }) })
  return { state: 'failed', error, retry: passing ? {} : false }
}
