/** Where instruments report what clients create. Never throws: a test must not fail because of what watches it. */
import type { CaptureSink, KnownResource, StoreSeen } from '../resource/capture.ts'
import type { Driver } from '../resource/driver.ts'
import type { Json, Resource, StoreRef } from '../resource/resource.ts'
import { beginCreate } from './create.ts'
import { markGone } from './gone.ts'
import { requestHeaders } from './metadata.ts'
import { ancestors, type Scope } from './scope.ts'
import type { Tracking } from './tracking.ts'
import { openTransaction, type TrackedTransaction } from './transaction.ts'

export function captureSink(tracking: Tracking): CaptureSink {
  const { context, settings } = tracking
  const scopeNow = () => context.current() ?? tracking.runScope
  const stores: Stores = new Map()
  return {
    get active() {
      return !settings.disabled && !context.own
    },
    begin(draft) {
      if (settings.disabled || context.own) return undefined
      const store = storeOf(tracking, draft.kind, draft.store, stores)
      return store && beginCreate(tracking, scopeNow(), store, draft)
    },
    gone: (store, type, keys, tx) => strikeOff(tracking, store, type, keys, tx as TrackedTransaction | undefined),
    transaction: () => openTransaction(tracking),
    bind: (callback) => context.bind(callback),
    warn: (code, subject, message) => tracking.warn(code, message, subject),
    known: () => knownFrom(scopeNow()),
    untracked: (fn) => context.asOwn(fn),
    headers: () => (settings.metadata.headers ? requestHeaders(settings, tracking.writer.run, scopeNow()) : {}),
  }
}

type Stores = Map<string, StoreRef | undefined>

/** Each store is looked for once. */
function storeOf(tracking: Tracking, kind: string, seen: StoreSeen, stores: Stores): StoreRef | undefined {
  const key = `${kind}\n${seen.id}`
  const known = stores.get(key)
  if (known || stores.has(key)) return known
  const store = servedStore(tracking, kind, seen)
  stores.set(key, store)
  return store
}

function servedStore(tracking: Tracking, kind: string, { id, inProcess }: StoreSeen): StoreRef | undefined {
  const driver = drivers(tracking, kind).find((candidate) => candidate.serves?.({ id }) ?? true)
  if (driver) return { driver: driver.name, id, ...(inProcess ? { bound: tracking.writer.writer } : {}) }
  tracking.warn(
    'DUSTPAN_UNKNOWN_DRIVER',
    `What tests create in ${id.replace(/#.*$/, '')} is not tracked: no driver instance in the configuration serves it.`,
  )
  return undefined
}

function drivers(tracking: Tracking, kind: string): Driver[] {
  const names = tracking.settings.drivers.filter(({ use }) => use === kind).map(({ name }) => name)
  return names.flatMap((name) => tracking.drivers.get(name) ?? [])
}

function strikeOff(
  tracking: Tracking,
  store: StoreSeen,
  type: string,
  keys: readonly Json[] | 'all',
  tx: TrackedTransaction | undefined,
): void {
  const found =
    keys === 'all'
      ? tracking.known.all(store.id, type)
      : keys.flatMap((key) => tracking.known.find(store.id, type, key) ?? [])
  const live = found.filter(({ state }) => state === 'live' || state === 'kept' || state === 'pending')
  if (live.length === 0) return
  const strike = () => markGone(tracking, live, keys === 'all' ? 'truncate' : 'user')
  if (tx) tx.onCommit(strike)
  else strike()
}

function* knownFrom(scope: Scope): Iterable<KnownResource> {
  for (const { resources } of ancestors(scope)) {
    for (let i = resources.length - 1; i >= 0; i--) {
      const { id, key, state, set } = resources[i] as Resource
      if (state !== 'live' && state !== 'shared') continue
      const removal = set.steps[0]
      yield { id, type: set.type, key, store: set.store, ...(removal ? { removal } : {}) }
    }
  }
}
