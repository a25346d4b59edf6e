import type { Target } from '../../src/resource/target.ts'
import type { Outcomes } from '../../src/rows/row-outcomes.ts'

/** Targets with these ids, which are also their keys. */
export function rows(...ids: readonly string[]): readonly Target[] {
  const removal = { driver: 'main', op: 'delete-row', v: 1, args: { table: 'users' } }
  return ids.map((id) => ({ id, type: 'users', key: id, removal, proof: { strength: 'key-only' }, createdAt: 0 }))
}

/** The result or state of each outcome, by id. */
export function summaries(outcomes: Outcomes): Record<string, string | undefined> {
  return Object.fromEntries(
    [...outcomes].map(([id, outcome]) => [id, 'result' in outcome ? outcome.result : outcome.state]),
  )
}
