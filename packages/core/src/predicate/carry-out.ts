/** Carries out a confirmed plan, comparing the counts again. */

import { DustpanError } from '../errors/dustpan-error.ts'
import { shadowError } from '../planning/shadow-error.ts'
import type { Agreed, Matched, Selection } from '../resource/predicate.ts'
import { notAutomatic } from './allow.ts'
import { auditBegin, auditEnd, auditRefusal } from './audit.ts'
import type { PredicateContext } from './context.ts'
import { outcomeOf, type PredicateOutcome } from './outcome.ts'
import type { PredicatePlan, StoreMatches } from './plan.ts'
import { selectionOf } from './selection.ts'
import { type OwnStore, predicateError, queryStore } from './stores.ts'

/**
 * Removes the matches of a plan. `agreed`: a person has seen the plan and confirmed it.
 * @throws DustpanError `DUSTPAN_PREDICATE_REFUSED`, or the plan's refusal: nothing was removed then.
 */
export async function carryOut(
  plan: PredicatePlan,
  { agreed }: { readonly agreed: boolean },
  ctx: PredicateContext,
): Promise<PredicateOutcome> {
  if (ctx.settings.shadow && !plan.refusal) return outcomeOf(plan.stores.map((store) => untouched(store, ctx)))
  const refusal = plan.refusal ?? (agreed ? undefined : notAutomatic(ctx.settings, plan))
  if (refusal) {
    auditRefusal(ctx.settings, plan.predicate, plan.deletion, refusal)
    throw refusal
  }
  const selection = selectionOf(plan.predicate, plan.deletion, ctx.settings, ctx.live, ctx.runs)
  auditBegin(ctx.settings, plan)
  const stores = await Promise.all(plan.stores.map((store) => removeFrom(store, selection, ctx)))
  auditEnd(ctx.settings, plan, stores)
  const wrong = predicateError(stores)
  if (wrong && stores.every(({ kinds }) => kinds.length === 0)) throw wrong
  return outcomeOf(stores)
}

/** In shadow mode: all matches are reported as left. */
function untouched({ kinds, ...store }: StoreMatches, { settings }: PredicateContext): StoreMatches {
  const error = shadowError(settings, 'It was not removed')
  const found = kinds.filter((kind) => kind.count !== 0 && !kind.error)
  const left = found.map(({ count, ...kind }) => ({
    ...kind,
    count: 0,
    left: [{ error, ...(count === 'unknown' ? {} : { count }) }],
  }))
  return { ...store, kinds: [...left, ...kinds.filter((kind) => kind.error)] }
}

async function removeFrom(found: StoreMatches, selection: Selection, ctx: PredicateContext): Promise<StoreMatches> {
  const agreed = agreedOf(found.kinds)
  const driver = ctx.drivers.get(found.store.driver)
  if (agreed.size === 0 || !driver) return found
  const own: OwnStore = { driver, store: found.store }
  const answer = await queryStore(own, ctx, (connection, removal) =>
    connection.removeWhere?.(selection, agreed, removal),
  )
  const untouchedKinds = found.kinds.filter(({ type }) => !agreed.has(type))
  return {
    ...(answer ?? cannotRemove(found)),
    kinds: [...(answer ? removedKinds(answer, found, agreed) : []), ...untouchedKinds],
  }
}

/** After a timeout, removals in progress may have succeeded all the same. */
function removedKinds({ kinds, error }: StoreMatches, found: StoreMatches, agreed: Agreed): readonly Matched[] {
  if (error?.code !== 'DUSTPAN_BUDGET_EXCEEDED') return kinds
  return found.kinds.filter(({ type }) => agreed.has(type)).map((kind) => ({ ...kind, count: 'unknown' }))
}

/** Kinds that could not be counted, or have no matches, are not touched. */
function agreedOf(kinds: readonly Matched[]): Agreed {
  const countable = kinds.filter(({ error, count }) => !error && count !== 0)
  return new Map(countable.map(({ type, count }) => [type, count === 'unknown' ? Number.POSITIVE_INFINITY : count]))
}

function cannotRemove({ store }: StoreMatches): StoreMatches {
  const message = `The driver ${JSON.stringify(store.driver)} can count what a predicate matches, but cannot remove it.`
  return { store, kinds: [], error: new DustpanError('DUSTPAN_REMOVAL_FAILED', message) }
}
