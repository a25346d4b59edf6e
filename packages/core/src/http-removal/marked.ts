import { showsMark } from '../http-rules/condition.ts'
import type { RequestTemplate } from '../http-rules/request-template.ts'
import type { RemovalOutcome } from '../resource/target.ts'
import type { Settled } from './batches.ts'

/** Reports removals by a request that only marks as deleted: gone for the test, and labelled as marked. */
export function markedOutcomes({ permanent, gone }: RequestTemplate, all: readonly Settled[]): readonly Settled[] {
  const onlyMarks = permanent !== true && (permanent !== undefined || showsMark(gone))
  return onlyMarks ? all.map(([id, settle]) => [id, async () => asMarked(await settle())]) : all
}

function asMarked(outcome: RemovalOutcome): RemovalOutcome {
  if (outcome.state !== 'removed') return outcome
  return { ...outcome, marked: true, result: outcome.result === undefined ? 'marked' : `marked, ${outcome.result}` }
}
