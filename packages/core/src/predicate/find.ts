/** Checks a predicate, and counts its matches in every store that supports it. Changes nothing. */

import { clock } from '../clock/clock.ts'
import { type DustpanError, invalidArgument } from '../errors/dustpan-error.ts'
import { limitsOf } from '../planning/protect.ts'
import type { Predicate, Selection } from '../resource/predicate.ts'
import { beyondLimit, checkProfile } from './allow.ts'
import { readPredicate, type WhatToRemove } from './asked.ts'
import { auditRefusal } from './audit.ts'
import type { PredicateContext } from './context.ts'
import { knownCount, type PredicatePlan, type StoreMatches, totalOf } from './plan.ts'
import { withoutProtected } from './protected-kinds.ts'
import { selectionOf } from './selection.ts'
import { ownStores, predicateError, queryStore } from './stores.ts'

export interface HowToRemove {
  /** Only this store, by its driver's name. */
  store?: string
  /** Whether resources are deleted, or only marked. @default by the driver's options and the environment's profile */
  deletion?: 'hard' | 'soft'
  /** Maximum number of resources to remove. @default the profile's `limit` */
  limit?: number
}

/**
 * @throws TypeError `DUSTPAN_INVALID_ARGUMENT` for a predicate that matches nothing or everything, or that no store supports;
 * DustpanError `DUSTPAN_PROFILE_REFUSED`, `DUSTPAN_UNKNOWN_OWNER`, `DUSTPAN_UNKNOWN_DRIVER`.
 */
export async function findMatches(what: WhatToRemove & HowToRemove, ctx: PredicateContext): Promise<PredicatePlan> {
  const { settings } = ctx
  const predicate = readPredicate(what, clock.now())
  const { deletion } = what
  const { limit } = limitsOf(settings, what.limit)
  const counted = await countAll(allowed(predicate, deletion, ctx), what.store, ctx)
  const wrong = predicateError(counted)
  if (wrong) throw wrong
  checkExceptions(predicate, counted)
  const stores = counted.map((store) => withoutProtected(store, predicate)).filter(hasResult)
  checkAnswers(predicate, stores)
  const total = totalOf(stores)
  const tooMany = settings.shadow ? undefined : beyondLimit(knownCount(stores), limit, settings, what.limit)
  const refusal = refusalOf(stores) ?? tooMany
  return {
    environment: settings.environmentName,
    predicate,
    limit,
    total,
    stores,
    ...(deletion ? { deletion } : {}),
    ...(refusal ? { refusal } : {}),
  }
}

/** @throws DustpanError when the environment does not allow it; written to the audit log. */
function allowed(
  predicate: Predicate,
  deletion: Selection['deletion'],
  { settings, live, runs }: PredicateContext,
): Selection {
  try {
    if (!settings.shadow) checkProfile(settings, predicate, deletion)
    return selectionOf(predicate, deletion, settings, live, runs)
  } catch (refusal) {
    auditRefusal(settings, predicate, deletion, refusal)
    throw refusal
  }
}

async function countAll(
  selection: Selection,
  only: string | undefined,
  ctx: PredicateContext,
): Promise<readonly StoreMatches[]> {
  const counts = ownStores(ctx, only).map((store) =>
    queryStore(store, ctx, (connection, removal) => connection.count?.(selection, removal)),
  )
  const answers = await Promise.all(counts)
  return answers.filter((answer) => answer !== undefined)
}

const hasResult = ({ kinds, refusal, error, ...store }: StoreMatches): boolean =>
  kinds.length > 0 || Boolean(refusal ?? error ?? store.protected)

/** An unknown name in `except` would exclude nothing, and its kind would be removed. */
function checkExceptions({ except = [] }: Predicate, stores: readonly StoreMatches[]): void {
  if (stores.some(({ refusal, error, excepted }) => refusal ?? error ?? excepted === undefined)) return
  const unknown = except.find((name) => !stores.some(({ excepted }) => excepted?.includes(name)))
  if (unknown === undefined) return
  throw invalidArgument(
    `except names ${JSON.stringify(unknown)}, which no store has, so it would exclude nothing.`,
    'A kind has the name from its driver options, or that of its table.',
  )
}

/** Checks that every named kind is known somewhere, and that any store supports the predicate. */
function checkAnswers({ types = [], ...predicate }: Predicate, stores: readonly StoreMatches[]): void {
  if (stores.some(({ refusal, error }) => refusal ?? error)) return
  const known = new Set(stores.flatMap(({ kinds }) => kinds.map(({ type }) => type)))
  const unknown = types.find((type) => !known.has(type))
  if (unknown !== undefined) {
    throw invalidArgument(
      `No store has a kind ${JSON.stringify(unknown)}.`,
      'Configure it in the driver options: kinds for a database, byPredicate for http().',
    )
  }
  if (stores.length > 0) return
  const parts = Object.keys(predicate).filter((part) => part !== 'except')
  throw invalidArgument(
    `No store supports a filter by ${parts.join(' and ')}.`,
    'Configure the column or endpoint in the driver options: kinds for a database, byPredicate for http().',
  )
}

/** One store that may be cleaned is enough: refusals of others are only reported. */
function refusalOf(stores: readonly StoreMatches[]): DustpanError | undefined {
  const [first] = stores
  return stores.every(({ refusal }) => refusal) ? first?.refusal : undefined
}
