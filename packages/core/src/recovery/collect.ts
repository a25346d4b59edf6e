/** Collects rows that the application wrote, from stores that keep a log of writes, and records them. */
import type { CleanupContext } from '../cleanup/context.ts'
import { late } from '../cleanup/deadline.ts'
import { DustpanError, describeError } from '../errors/dustpan-error.ts'
import type { CollectedSet, CollectRequest } from '../resource/application.ts'
import type { RemovalContext, StoreConnection } from '../resource/connection.ts'
import type { Driver } from '../resource/driver.ts'
import type { Json, Resource, StoreRef } from '../resource/resource.ts'
import type { Treatment } from '../tracking/by-hand.ts'
import { markGone } from '../tracking/gone.ts'
import { recordCollected } from '../tracking/record-collected.ts'
import type { Scope } from '../tracking/scope.ts'
import type { Tracking } from '../tracking/tracking.ts'

export interface CollectingStore {
  readonly driver: Driver
  readonly store: StoreRef
}

/** Stores whose driver supports this, and whose address is known. */
export function collectingStores({ drivers, settings }: Pick<Tracking, 'drivers' | 'settings'>): CollectingStore[] {
  if (settings.disabled) return []
  return [...drivers.values()].flatMap((driver) => {
    const id = driver.collects ? driver.ownStore?.() : undefined
    return id === undefined ? [] : [{ driver, store: { driver: driver.name, id } }]
  })
}

export type Collecting = Pick<CollectRequest, 'writer' | 'scopes' | 'alone'>

/** Returns whether the store answered. Never rejects: rows that were not collected stay in the store's log for the next time. */
export async function collectFrom(
  { driver, store }: CollectingStore,
  what: Collecting,
  scopeOf: (id: string | undefined) => Scope,
  tracking: Tracking,
  context: CleanupContext,
  deadline: number,
): Promise<boolean> {
  const treatmentOf = (id: string, type: string, key: Json) => tracking.byHand.of({ stores: [id, store.id], type, key })
  const request: CollectRequest = {
    run: context.run,
    ...what,
    isKnown: (id, type, key) => context.find(id, type, key) !== undefined || treatmentOf(id, type, key) === 'left',
    notCreated(id, type, keys) {
      markGone(
        tracking,
        keys.flatMap((key) => createdAs(context.find(id, type, key))),
        'user',
      )
    },
    record(id, rows) {
      tracking.answered.set(store.id, id)
      for (const row of rows)
        for (const [part, treatment] of byTreatment(row, (key) => treatmentOf(id, row.type, key)))
          recordCollected(tracking, scopeOf(row.scope), { driver: driver.name, id }, part, {}, treatment)
      if (!tracking.isOnRecord) throw unwritten()
    },
  }
  return askStore({ driver, store }, (connection, ctx) => connection.collect?.(request, ctx), context, deadline)
}

type RemovalTreatment = Exclude<Treatment, 'left'> | undefined

/** Splits a set by what tests said by hand about its rows. Changed rows existed before, so that does not apply to them. */
function byTreatment(
  row: CollectedSet,
  treatmentOf: (key: Json) => Treatment | undefined,
): Iterable<readonly [CollectedSet, RemovalTreatment]> {
  if (row.changed) return [[row, undefined]]
  const groups = new Map<string, { readonly treatment: RemovalTreatment; readonly keys: Json[] }>()
  for (const key of row.keys) {
    const treatment = treatmentOf(key)
    if (treatment === 'left') continue
    const text = JSON.stringify(treatment)
    const group = groups.get(text) ?? { treatment, keys: [] }
    groups.set(text, group)
    group.keys.push(key)
  }
  return [...groups.values()].map(({ treatment, keys }) => [{ ...row, keys }, treatment] as const)
}

const createdAs = (found: Resource | undefined): readonly Resource[] =>
  found && !found.set.changed && ['live', 'kept', 'pending'].includes(found.state) ? [found] : []

/** Returns whether the store answered. Never rejects. */
export async function askStore(
  { driver, store }: CollectingStore,
  ask: (connection: StoreConnection, ctx: RemovalContext) => Promise<void> | undefined,
  { connections, asOwn, warn, run }: CleanupContext,
  deadline: number,
): Promise<boolean> {
  const call = async (connection: StoreConnection, signal: AbortSignal) =>
    ask(connection, { signal, deadline, attempt: 1, batch: '', run, verify: 'none', warn })
  try {
    if ((await asOwn(() => connections.use(driver, store, deadline, call))) !== late) return true
    warn('DUSTPAN_STORE_UNREACHABLE', `${logOf(store)} did not answer in time: ${uncollected}`)
  } catch (error) {
    const { code, message } = describeError(error, 'DUSTPAN_STORE_UNREACHABLE')
    warn(code, `${logOf(store)}: ${message}. ${uncollected[0]?.toUpperCase()}${uncollected.slice(1)}`)
  }
  return false
}

/** Thrown so that the store's log keeps the rows: nothing else knows them yet. */
const unwritten = (): DustpanError =>
  new DustpanError('DUSTPAN_LEDGER_UNWRITABLE', 'Its rows could not be recorded', {
    hint: 'Free disk space, or set DUSTPAN_DIR to a writable folder; then run `dustpan clean`.',
  })

const uncollected = "what the application wrote there was not collected, and stays in the database's own log."
const logOf = ({ driver }: StoreRef): string => `The log of ${driver}`
