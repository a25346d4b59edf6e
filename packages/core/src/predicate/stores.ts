/** Asks the stores that removal by predicate can reach, each by its own settings. */
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

type Ask = (connection: StoreConnection, ctx: RemovalContext) => Promise<Matches> | undefined

/** Undefined: the store knows nothing of predicates. Never rejects: what is wrong is the answer. */
export async function askStore(
  { driver, store }: OwnStore,
  { connections, deadline }: PredicateContext,
  ask: Ask,
): Promise<StoreMatches | undefined> {
  try {
    const answer = await connections.use(driver, store, deadline, async (connection, signal) =>
      ask(connection, { ...context, signal, deadline }),
    )
    if (answer === late) throw tooSlow(store)
    return answer && { store, ...answer }
  } catch (error) {
    return { store, kinds: [], ...problem(error, store) }
  }
}

/** No run's: nothing is tried again, and nothing is read back. */
const context = { attempt: 1, batch: 'by-predicate', run: '', verify: 'auto' } as const

/** What is wrong with the question, and not with a store. */
export function questionError(stores: readonly StoreMatches[]): DustpanError | undefined {
  return stores.map(({ error }) => error).find((error) => error !== undefined && isAboutTheQuestion(error))
}

const isAboutTheQuestion = ({ code }: DustpanError): boolean =>
  code === 'DUSTPAN_INVALID_ARGUMENT' || code === 'DUSTPAN_UNKNOWN_OWNER'

function problem(cause: unknown, { id }: StoreRef): Pick<StoreMatches, 'refusal' | 'error'> {
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
