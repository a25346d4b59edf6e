/** Asks stores that keep a log of their own what the application wrote, and puts it on record. */
import type { CleanupContext } from '../cleanup/context.ts'
import { late } from '../cleanup/deadline.ts'
import { DustpanError, describeError } from '../errors/dustpan-error.ts'
import type { CollectedSet, CollectRequest } from '../resource/application.ts'
import type { RemovalContext, StoreConnection } from '../resource/connection.ts'
import type { Driver } from '../resource/driver.ts'
import type { Json, Resource, StoreRef } from '../resource/resource.ts'
import type { Said } from '../tracking/by-hand.ts'
import { markGone } from '../tracking/gone.ts'
import { recordCollected } from '../tracking/record-collected.ts'
import type { Scope } from '../tracking/scope.ts'
import type { Tracking } from '../tracking/tracking.ts'

export interface CollectingStore {
  readonly driver: Driver
  readonly store: StoreRef
}

/** Those whose driver says so, and whose address is known. */
export function collectingStores({ drivers, settings }: Pick<Tracking, 'drivers' | 'settings'>): CollectingStore[] {
  if (settings.disabled) return []
  return [...drivers.values()].flatMap((driver) => {
    const id = driver.collects ? driver.ownStore?.() : undefined
    return id === undefined ? [] : [{ driver, store: { driver: driver.name, id } }]
  })
}

export type Collecting = Pick<CollectRequest, 'writer' | 'scopes' | 'alone'>

/** Whether the store answered. Never rejects: what was not collected stays in the store's log, and is asked for again. */
export async function collectFrom(
  { driver, store }: CollectingStore,
  what: Collecting,
  scopeOf: (id: string | undefined) => Scope,
  tracking: Tracking,
  context: CleanupContext,
  deadline: number,
): Promise<boolean> {
  const saidOf = (id: string, type: string, key: Json) => tracking.byHand.of({ stores: [id, store.id], type, key })
  const request: CollectRequest = {
    run: context.run,
    ...what,
    isKnown: (id, type, key) => context.find(id, type, key) !== undefined || saidOf(id, type, key) === 'left',
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
        for (const [its, said] of asSaid(row, (key) => saidOf(id, row.type, key)))
          recordCollected(tracking, scopeOf(row.scope), { driver: driver.name, id }, its, {}, said)
      if (!tracking.isOnRecord) throw unwritten()
    },
  }
  return asked({ driver, store }, (connection, ctx) => connection.collect?.(request, ctx), context, deadline)
}

type SaidOfRow = Exclude<Said, 'left'> | undefined

/** One set for each word of a test. What was there before is nobody's to say. */
function asSaid(
  row: CollectedSet,
  said: (key: Json) => Said | undefined,
): Iterable<readonly [CollectedSet, SaidOfRow]> {
  if (row.changed) return [[row, undefined]]
  const words = new Map<string, { readonly said: SaidOfRow; readonly keys: Json[] }>()
  for (const key of row.keys) {
    const its = said(key)
    if (its === 'left') continue
    const text = JSON.stringify(its)
    const same = words.get(text) ?? { said: its, keys: [] }
    words.set(text, same)
    same.keys.push(key)
  }
  return [...words.values()].map(({ said, keys }) => [{ ...row, keys }, said] as const)
}

const createdAs = (found: Resource | undefined): readonly Resource[] =>
  found && !found.set.changed && ['live', 'kept', 'pending'].includes(found.state) ? [found] : []

/** Never rejects. */
export async function asked(
  { driver, store }: CollectingStore,
  ask: (connection: StoreConnection, ctx: RemovalContext) => Promise<void> | undefined,
  { connections, asOwn, warn, run }: CleanupContext,
  deadline: number,
): Promise<boolean> {
  const call = async (connection: StoreConnection, signal: AbortSignal) =>
    ask(connection, { signal, deadline, attempt: 1, batch: '', run, verify: 'none', warn })
  try {
    if ((await asOwn(() => connections.use(driver, store, deadline, call))) !== late) return true
    warn('DUSTPAN_STORE_UNREACHABLE', `${told(store)} did not answer in time: ${uncollected}`)
  } catch (error) {
    const { code, message } = describeError(error, 'DUSTPAN_STORE_UNREACHABLE')
    warn(code, `${told(store)}: ${message}. ${uncollected[0]?.toUpperCase()}${uncollected.slice(1)}`)
  }
  return false
}

/** The store's own log is then the only place that still knows. */
const unwritten = (): DustpanError =>
  new DustpanError('DUSTPAN_LEDGER_UNWRITABLE', 'Its rows could not be recorded', {
    hint: 'Free disk space, or set DUSTPAN_DIR to a writable folder; then run `dustpan clean`.',
  })

const uncollected = "what the application wrote there was not collected, and stays in the database's own log."
const told = ({ driver }: StoreRef): string => `The log of ${driver}`
