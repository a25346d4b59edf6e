/** Where instruments report what clients create. Never throws: capturing must not fail a test. */

import type {
  CaptureSink,
  CreationDraft,
  KnownResource,
  RecordedResource,
  RenamedResource,
  StoreSeen,
} from '../resource/capture.ts'
import type { Driver } from '../resource/driver.ts'
import { isGone, type Json, type Removal, type Resource, type ResourceId, type StoreRef } from '../resource/resource.ts'
import { withoutIdentity } from '../resource/store-identity.ts'
import { beginCreate } from './create.ts'
import { type Caller, callerNow } from './creation-source.ts'
import { markGone } from './gone.ts'
import { requestHeaders } from './metadata.ts'
import type { Removed } from './removed-by-tests.ts'
import { ancestors, type Scope } from './scope.ts'
import type { Tracking } from './tracking.ts'
import { openTransaction, type TrackedTransaction } from './transaction.ts'

export function captureSink(tracking: Tracking): CaptureSink {
  const { context, settings } = tracking
  const scopeNow = () => context.current() ?? tracking.runScope
  const stores: Stores = new Map()
  const headers = new WeakMap<Scope, Record<string, string>>()
  /** Serialised once per scope, as they are sent with each request. */
  const headersOf = (scope: Scope) => {
    const known = headers.get(scope) ?? requestHeaders(settings, tracking.writer.run, scope)
    headers.set(scope, known)
    return known
  }
  const beginIn = (scope: Scope, draft: CreationDraft, caller?: Caller) => {
    const store = storeOf(tracking, draft.kind, draft.store, stores)
    return store && beginCreate(tracking, scope, store, draft, caller)
  }
  return {
    marker: markerOf(tracking),
    get active() {
      return !settings.disabled && !context.own
    },
    begin: (draft) => (settings.disabled || context.own ? undefined : beginIn(scopeNow(), draft)),
    beginHere(entry, later, alike) {
      const scope = scopeNow()
      const caller = later === 'later' ? callerNow(tracking, scope, entry, alike) : { entry }
      return (draft) => beginIn(scope, draft, caller)
    },
    gone(store, type, keys, tx, which, why) {
      const found =
        typeof which === 'string' ? withId(tracking, which) : resourcesNamed(tracking, store, type, keys, which)
      markGoneOnCommit(
        tracking,
        found,
        why ?? (keys === 'all' ? 'truncate' : 'user'),
        tx as TrackedTransaction | undefined,
      )
    },
    removed(store, type, keys, tx, by) {
      const transaction = tx as TrackedTransaction | undefined
      noteRemoved(
        tracking,
        scopeNow(),
        keys.map((key) => ({ store: store.id, type, key, by })),
        transaction,
      )
      markGoneOnCommit(tracking, resourcesNamed(tracking, store, type, keys, by), 'user', transaction)
    },
    back: (id) => putBack(tracking, id, scopeNow()),
    renamed: (store, type, as, tx) => rename(tracking, store, type, as, tx as TrackedTransaction | undefined),
    wasThere: ({ id: store }, type, key, by) =>
      tracking.removedByTests.creatorOf({ store, type, key, by }) === 'nobody',
    transaction: (_, how) => openTransaction(tracking, how?.announced),
    bind: (callback) => context.bind(callback),
    warn: (code, subject, message) => tracking.warn(code, message, subject),
    known: () => knownFrom(scopeNow()),
    onRecord: (store, type, key, by) => recorded(tracking.known.find(store.id, type, key, by)),
    untracked: (fn) => context.asOwn(fn),
    currentScope() {
      const scope = settings.disabled || context.own ? undefined : context.current()
      return scope && { run: tracking.writer.run, scope: scope.id }
    },
    atWork(kind, seen) {
      const store = settings.disabled || context.own ? undefined : storeOf(tracking, kind, seen, stores)
      return store && tracking.atWork?.(store)
    },
    scopeBegan: () => context.current()?.openedAt,
    headers: () => (settings.metadata.headers ? headersOf(scopeNow()) : {}),
  }
}

function markerOf({ settings, writer }: Tracking): CaptureSink['marker'] {
  const { columns } = settings.metadata
  return columns === false ? undefined : { run: writer.run, columns }
}

/** By the driver's `use`, then by store id. */
type Stores = Map<string, Map<string, StoreRef | undefined>>

/** Resolves each store once. */
function storeOf(tracking: Tracking, kind: string, seen: StoreSeen, stores: Stores): StoreRef | undefined {
  const ofKind = stores.get(kind) ?? new Map<string, StoreRef | undefined>()
  stores.set(kind, ofKind)
  const known = ofKind.get(seen.id)
  if (known || ofKind.has(seen.id)) return known
  const store = servedStore(tracking, kind, seen, ofKind)
  ofKind.set(seen.id, store)
  return store
}

function servedStore(
  tracking: Tracking,
  kind: string,
  { id, inProcess }: StoreSeen,
  others: ReadonlyMap<string, StoreRef | undefined>,
): StoreRef | undefined {
  const serving = drivers(tracking, kind).filter((candidate) => candidate.serves?.({ id }) ?? true)
  const driver = serving.find((candidate) => candidate.leadsTo?.({ id })) ?? serving[0]
  if (driver) return { driver: driver.name, id, ...(inProcess ? { bound: tracking.writer.writer } : {}) }
  tracking.warn(
    'DUSTPAN_UNKNOWN_DRIVER',
    `What tests create in ${withoutIdentity(id)} is not tracked: no driver instance in the configuration serves it.${sameStoreHint(tracking, id, others)}`,
  )
  return undefined
}

/** A hint if the same store is served under another address. */
function sameStoreHint({ identify }: Tracking, id: string, others: ReadonlyMap<string, StoreRef | undefined>): string {
  const same = [...others.values()].find((other) => other && identify(other.id) === identify(id))
  return same
    ? ` It is the store that "${same.driver}" serves by ${withoutIdentity(same.id)}: let all clients use that address, or configure an instance for this one too.`
    : ''
}

function drivers(tracking: Tracking, kind: string): Driver[] {
  const names = tracking.settings.drivers.filter(({ use }) => use === kind).map(({ name }) => name)
  return names.flatMap((name) => tracking.drivers.get(name) ?? [])
}

function resourcesNamed(
  { known }: Tracking,
  store: StoreSeen,
  type: string,
  keys: readonly Json[] | 'all',
  by: Removal | undefined,
): readonly Resource[] {
  return keys === 'all' ? known.all(store.id, type) : keys.flatMap((key) => known.find(store.id, type, key, by) ?? [])
}

function recorded(found: Resource | undefined): RecordedResource | undefined {
  if (!found || isGone(found.state) || found.state === 'refused') return undefined
  const [removal] = found.set.steps
  const { proof } = found.set
  return { proof, isKept: found.state === 'kept', state: found.state, ...(removal ? { removal } : {}) }
}

function withId({ scopes }: Tracking, id: ResourceId): readonly Resource[] {
  for (const { resources } of scopes.values()) {
    const found = resources.find((resource) => resource.id === id)
    if (found) return [found]
  }
  return []
}

const isThere = ({ state }: Resource): boolean => state === 'live' || state === 'kept' || state === 'pending'

function markGoneOnCommit(
  tracking: Tracking,
  found: readonly Resource[],
  by: 'truncate' | 'user' | 'key-unsure',
  tx: TrackedTransaction | undefined,
): void {
  const there = found.filter(isThere)
  if (there.length === 0) return
  const mark = () => markGone(tracking, there, by)
  if (tx) tx.onCommit(mark)
  else mark()
}

function putBack(tracking: Tracking, id: ResourceId, now: Scope): ResourceId | undefined {
  const [found] = withId(tracking, id)
  if (found?.state !== 'gone' || found.why !== 'user') return undefined
  const { key, scope, set } = found
  const creator = tracking.scopes.get(scope)
  const owner = creator && !creator.ending ? creator : now
  return beginCreate(tracking, owner, set.store, { type: set.type, via: 'restored' }).created([
    { ...set, keys: [key] },
  ])[0]
}

/** A resource without a record existed before; one created by an enclosing scope is shared by all scopes in it. */
function noteRemoved(
  { known, removedByTests }: Tracking,
  scope: Scope,
  removed: readonly Removed[],
  tx: TrackedTransaction | undefined,
): void {
  for (const one of removed) {
    const found = known.find(one.store, one.type, one.key, one.by)
    const creator = found && !isGone(found.state) ? enclosingCreator(scope, found) : 'nobody'
    if (creator === undefined) continue
    removedByTests.add(one, creator)
    tx?.onRollback(() => removedByTests.take(one))
  }
}

function rename(
  tracking: Tracking,
  store: StoreSeen,
  type: string,
  as: string,
  tx: TrackedTransaction | undefined,
): readonly RenamedResource[] {
  const { known, removedByTests, scopes } = tracking
  const there = known.all(store.id, type).filter((one) => isThere(one) && one.set.origin !== 'tracked')
  for (const { key, scope, state, set } of there) {
    const creator = scopes.get(scope)
    const renamed = { store: store.id, type: as, key, by: set.steps[0] }
    if (!creator || state === 'kept' || removedByTests.creatorOf(renamed) !== undefined) continue
    removedByTests.add(renamed, creator)
    tx?.onRollback(() => removedByTests.take(renamed))
  }
  markGoneOnCommit(tracking, there, 'user', tx)
  return there.map(({ key, state, set: { steps } }) => {
    const isKept = state === 'kept'
    return { key, isKept, ...(steps[0] ? { removal: steps[0] } : {}) }
  })
}

/** Undefined if the scope itself, or an unrelated one, created it. */
const enclosingCreator = (scope: Scope, found: Resource): Scope | undefined =>
  ancestors(scope)
    .slice(1)
    .find(({ id }) => id === found.scope)

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
