/** Queries the stores for removal by predicate, each by its driver's own settings. */
import { late } from '../cleanup/deadline.ts'
import { DustpanError, isDustpanError, messageOf } from '../errors/dustpan-error.ts'
import type { RemovalContext, StoreConnection } from '../resource/connection.ts'
import type { Driver } from '../resource/driver.ts'
import type { Matches } from '../resource/predicate.ts'
import type { StoreRef } from '../resource/resource.ts'
import { withoutIdentity } from '../resource/store-identity.ts'
import type { PredicateContext } from './context.ts'
import type { StoreMatches } from './plan.ts'

export interface OwnStore {
  readonly driver: Driver
  readonly store: StoreRef
}

/** @throws DustpanError `DUSTPAN_UNKNOWN_DRIVER` for a name that the configuration does not have. */
export function ownStores({ drivers }: PredicateContext, only: string | undefined): readonly OwnStore[] {
  if (only !== undefined && !drivers.has(only)) throw noSuchStore(only, [...drivers.keys()])
  return [...drivers.values()].flatMap((driver) => {
    const id = only === undefined || only === driver.name ? driver.ownStore?.() : undefined
    return id === undefined ? [] : [{ driver, store: { driver: driver.name, id } }]
  })
}

type StoreQuery = (connection: StoreConnection, ctx: RemovalContext) => Promise<Matches> | undefined

/** Undefined: the store does not support predicates. Never rejects: errors are part of the result. */
export async function queryStore(
  { driver, store }: OwnStore,
  { connections, deadline }: PredicateContext,
  query: StoreQuery,
): Promise<StoreMatches | undefined> {
  try {
    const answer = await connections.use(driver, store, deadline, async (connection, signal) =>
      query(connection, { ...context, signal, deadline }),
    )
    if (answer === late) throw tooSlow(store)
    return answer && { store, ...answer }
  } catch (error) {
    return { store, kinds: [], ...problemOf(error, store) }
  }
}

/** Belongs to no run: nothing is retried or read back. */
const context = { attempt: 1, batch: 'by-predicate', run: '', verify: 'auto' } as const

/** An error in the predicate rather than in a store. */
export function predicateError(stores: readonly StoreMatches[]): DustpanError | undefined {
  return stores.map(({ error }) => error).find((error) => error !== undefined && isPredicateError(error))
}

const isPredicateError = ({ code }: DustpanError): boolean =>
  code === 'DUSTPAN_INVALID_ARGUMENT' || code === 'DUSTPAN_UNKNOWN_OWNER'

function problemOf(cause: unknown, { id }: StoreRef): Pick<StoreMatches, 'refusal' | 'error'> {
  if (!isDustpanError(cause)) {
    const message = `${withoutIdentity(id)} could not be asked: ${messageOf(cause)}`
    return { error: new DustpanError('DUSTPAN_STORE_UNREACHABLE', message, { cause }) }
  }
  const isRefusal = cause.code === 'DUSTPAN_HOST_REFUSED' || cause.code === 'DUSTPAN_PROFILE_REFUSED'
  return isRefusal ? { refusal: cause } : { error: cause }
}

function tooSlow({ id }: StoreRef): DustpanError {
  return new DustpanError('DUSTPAN_BUDGET_EXCEEDED', `${withoutIdentity(id)} did not finish in time.`, {
    hint: 'Raise cleanup.timeout; `dustpan bulk --dry-run` shows what is left.',
  })
}

function noSuchStore(name: string, known: readonly string[]): DustpanError {
  return new DustpanError('DUSTPAN_UNKNOWN_DRIVER', `The configuration has no store ${JSON.stringify(name)}.`, {
    hint: `There are ${known.join(', ')}.`,
  })
}
