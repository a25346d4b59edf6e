import type { RequestTemplate } from '../http-rules/request-template.ts'
import type { RemovalOutcome } from '../resource/target.ts'
import type { Settled } from './batches.ts'

/** What a request only marks as deleted is gone for the test, and told as what it is. */
export function toldAsMarked({ permanent, gone }: RequestTemplate, all: readonly Settled[]): readonly Settled[] {
  const marks = permanent !== true && (permanent !== undefined || gone !== undefined)
  return marks ? all.map(([id, settle]) => [id, async () => asMarked(await settle())]) : all
}

function asMarked(outcome: RemovalOutcome): RemovalOutcome {
  if (outcome.state !== 'removed') return outcome
  return { ...outcome, marked: true, result: outcome.result === undefined ? 'marked' : `marked, ${outcome.result}` }
}
