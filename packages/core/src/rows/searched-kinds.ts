/** What a search tells of the kinds that a predicate means: the same for every database. */
import { DustpanError, isDustpanError, messageOf } from '../errors/dustpan-error.ts'
import type { Matched, Matches } from '../resource/predicate.ts'
import type { Json, Removal } from '../resource/resource.ts'
import type { Target } from '../resource/target.ts'
import { isUnfit, type UnfitKind } from './asked-kinds.ts'

type Kind = Pick<Matched, 'type' | 'method'>

/** How many keys of each kind a plan shows. */
export const samples = 3

/** What is told of each kind, one after the other; of one that cannot be asked, why. */
export async function eachKind<Asked extends object, Told>(
  kinds: readonly (Asked | UnfitKind)[],
  ask: (kind: Asked) => Promise<Told>,
): Promise<readonly (Told | Matched)[]> {
  const told: (Told | Matched)[] = []
  for (const kind of kinds) told.push(isUnfit(kind) ? unfit(kind) : await ask(kind))
  return told
}

export function unfit({ type, error }: UnfitKind): Matched {
  return { type, count: 0, method: 'hard', error }
}

export function counted({ type, method }: Kind, count: number, sample: readonly Json[]): Matched {
  return { type, count, method, sample }
}

/** What is wrong with one kind (a value that its column cannot hold) is told of this kind. */
export function notSearched({ type, method }: Kind, table: string, cause: unknown, why = messageOf(cause)): Matched {
  const message = `${table} could not be searched: ${why}`
  const error = isDustpanError(cause) ? cause : new DustpanError('DUSTPAN_REMOVAL_FAILED', message, { cause })
  return { type, count: 0, method, error }
}

/** `owner`: whose rows are meant, who stays. */
export function matchesOf(kinds: readonly Matched[], owner: { readonly type: string } | undefined): Matches {
  return { kinds, ...(owner ? { preserved: owner.type } : {}) }
}

/** What was found, for a removal that goes by targets. */
export function foundTarget({ type }: { readonly type: string }, index: number, key: Json, removal: Removal): Target {
  return { id: `${type}.${index}`, type, key, removal, proof: { strength: 'key-only' }, createdAt: 0 }
}
