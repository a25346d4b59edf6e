/** Removal of targets that are removed together or not at all. */
import { DustpanError } from '../errors/dustpan-error.ts'
import type { ResourceId } from '../resource/resource.ts'
import type { RemovalOutcome } from '../resource/target.ts'

type Outcomes = ReadonlyMap<ResourceId, RemovalOutcome>

/** The statements of a transaction, in a driver's form. */
export interface TransactionStatements<Statement> {
  readonly begin: Statement
  readonly commit: Statement
  readonly rollback: Statement
}

/** Carries out a removal in one transaction: committed if every target is gone, else rolled back. */
export async function allOrNone<Statement>(
  { begin, commit, rollback }: TransactionStatements<Statement>,
  run: (statement: Statement) => Promise<unknown>,
  remove: () => Promise<Map<ResourceId, RemovalOutcome>>,
): Promise<Map<ResourceId, RemovalOutcome>> {
  await run(begin)
  try {
    const outcomes = await remove()
    const isWhole = allGone(outcomes)
    await run(isWhole ? commit : rollback)
    return isWhole ? outcomes : rolledBack(outcomes)
  } catch (error) {
    await run(rollback).catch(() => {})
    throw error
  }
}

/** Whether every target is gone, so that the transaction can be committed. */
export function allGone(outcomes: Outcomes): boolean {
  return outcomes.values().every(isGone)
}

/**
 * The outcomes after a rollback: targets that were removed are back, and their outcomes say so. Nothing is retried unless every
 * failed one can be: separately they would be removed without each other.
 */
export function rolledBack(outcomes: Outcomes): Map<ResourceId, RemovalOutcome> {
  const obstacles = [...outcomes.values()].filter((outcome) => !isGone(outcome))
  const isFinal = obstacles.some((outcome) => outcome.state !== 'failed' || outcome.retry === false)
  const isBusy = obstacles.every(({ state }) => state === 'pending')
  const back = isBusy && obstacles[0] ? obstacles[0] : rolledBackOutcome(obstacles, isFinal)
  return new Map([...outcomes].map(([id, outcome]) => [id, isGone(outcome) ? back : withoutRetry(outcome, isFinal)]))
}

function isGone({ state }: RemovalOutcome): boolean {
  return state === 'removed' || state === 'already-gone'
}

function withoutRetry(outcome: RemovalOutcome, isFinal: boolean): RemovalOutcome {
  return outcome.state === 'failed' && isFinal ? { ...outcome, retry: false } : outcome
}

function rolledBackOutcome(obstacles: readonly RemovalOutcome[], isFinal: boolean): RemovalOutcome {
  const reasons = obstacles.map((outcome) => ('error' in outcome && outcome.error?.message) || outcome.state)
  const more = reasons.length > 1 ? ` (and ${reasons.length - 1} more)` : ''
  const error = new DustpanError(
    'DUSTPAN_ROLLED_BACK',
    `It was rolled back because another failed: ${reasons[0]}${more}`,
    {
      hint: 'cleanup.atomic removes all or nothing. Fix that one, then clean up again.',
    },
  )
  return { state: 'failed', error, retry: isFinal ? false : {} }
}
