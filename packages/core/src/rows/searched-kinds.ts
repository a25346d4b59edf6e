/** Results of a search by predicate, per kind: the same for every database. */
import { DustpanError, isDustpanError, messageOf } from '../errors/dustpan-error.ts'
import type { Matched, Matches } from '../resource/predicate.ts'
import type { Json, Removal } from '../resource/resource.ts'
import type { Target } from '../resource/target.ts'
import { isUnfit, type UnfitKind } from './asked-kinds.ts'

type Kind = Pick<Matched, 'type' | 'method'>

/** Number of keys per kind in a plan. */
export const samples = 3

/** Queries the kinds in turn; for one that cannot be queried, returns why. */
export async function eachKind<Asked extends object, Result>(
  kinds: readonly (Asked | UnfitKind)[],
  ask: (kind: Asked) => Promise<Result>,
): Promise<readonly (Result | Matched)[]> {
  const results: (Result | Matched)[] = []
  for (const kind of kinds) results.push(isUnfit(kind) ? unfit(kind) : await ask(kind))
  return results
}

export function unfit({ type, error }: UnfitKind): Matched {
  return { type, count: 0, method: 'hard', error }
}

export function counted({ type, method }: Kind, count: number, sample: readonly Json[]): Matched {
  return { type, count, method, sample }
}

/** An error of one kind (such as a value that its column cannot hold) is reported for this kind only. */
export function notSearched({ type, method }: Kind, table: string, cause: unknown, why = messageOf(cause)): Matched {
  const message = `${table} could not be searched: ${why}`
  const error = isDustpanError(cause) ? cause : new DustpanError('DUSTPAN_REMOVAL_FAILED', message, { cause })
  return { type, count: 0, method, error }
}

/** `owner`: the owner of the rows, who is kept. */
export function matchesOf(kinds: readonly Matched[], owner: { readonly type: string } | undefined): Matches {
  return { kinds, ...(owner ? { preserved: owner.type } : {}) }
}

/** A found row as a target of a removal. */
export function foundTarget({ type }: { readonly type: string }, index: number, key: Json, removal: Removal): Target {
  return { id: `${type}.${index}`, type, key, removal, proof: { strength: 'key-only' }, createdAt: 0 }
}
