/**
 * An HTTP resource and the row that the server wrote for it: one resource, recorded twice. If the server runs in the test's own process, the
 * row is removed directly, even after the server was closed; so is a row from the database's log if the server has no way to remove it.
 */
import { keyText } from '../resource/key-text.ts'
import type { Resource } from '../resource/resource.ts'
import { namesKind } from '../resource/same-kind.ts'
import type { CleanupContext } from './context.ts'

/** Resources whose server is known to be closed, and that have a row to remove instead. */
export function waitingForRows(resources: readonly Resource[], ctx: CleanupContext): ReadonlySet<Resource> {
  return new Set(resources.filter((one) => isClosed(one, ctx) && rowsBehind(one, ctx).length > 0))
}

/** Marks resources as gone whose rows are gone. */
export function markGoneWithRows(resources: readonly Resource[], ctx: CleanupContext): void {
  const gone = resources.filter(
    (one) => (isOpen(one) && areGone(rowsBehind(one, ctx))) || (isUnproven(one) && areGone(rowsInLog(one, ctx))),
  )
  if (gone.length === 0) return
  ctx.write({ e: 'gone', ids: gone.map(({ id }) => id), by: 'with-row' })
  for (const one of gone) {
    Object.assign(one, { state: 'gone', why: 'with-row' })
    delete one.error
  }
}

const isOpen = ({ state }: Resource): boolean =>
  state === 'live' || state === 'pending' || state === 'failed' || state === 'lost'

/** The server answered "not found", which did not prove that the resource is gone. */
const isUnproven = ({ state, error }: Resource): boolean =>
  state === 'failed' && error?.code === 'DUSTPAN_GONE_UNPROVEN'

function isClosed({ set: { store } }: Resource, { drivers, writer }: CleanupContext): boolean {
  if (store.bound === undefined) return false
  return store.bound !== writer || drivers.get(store.driver)?.isClosed?.(store) === true
}

const areGone = (rows: readonly Resource[]): boolean => rows.length > 0 && rows.every(isRemoved)

const isRemoved = ({ state, why = '' }: Resource): boolean =>
  state === 'removed' || state === 'already-gone' || (state === 'gone' && provenGone.has(why))

/** Removed by the test itself, or with its in-memory database. Other reasons prove nothing: a row that was rolled back never existed. */
const provenGone: ReadonlySet<string> = new Set(['user', 'truncate', 'store-gone'])

/** Rows of the same test, kind and key, written between the request and its response. */
function rowsBehind(resource: Resource, { drivers, recordedIn }: CleanupContext): readonly Resource[] {
  const { set, scope, key, begunAt, createdAt } = resource
  const { store, origin, type } = set
  if (store.bound === undefined || drivers.get(store.driver)?.boundTo !== 'lost') return []
  if (origin !== 'captured' || begunAt === undefined) return []
  return recordedIn(scope).filter(
    (row) =>
      (row.begunAt ?? row.createdAt) >= begunAt &&
      row.createdAt <= createdAt &&
      row.set.origin === 'captured' &&
      row.set.changed === undefined &&
      isInDatabase(row, drivers) &&
      keyText(row.key) === keyText(key) &&
      namesKind([type], [row.set.type]),
  )
}

/** Rows of the same test, kind and key, found in the log. */
function rowsInLog({ set, scope, key }: Resource, { drivers, recordedIn }: CleanupContext): readonly Resource[] {
  return recordedIn(scope).filter(
    (row) =>
      row.set.origin === 'collected' &&
      row.set.changed === undefined &&
      isInDatabase(row, drivers) &&
      keyText(row.key) === keyText(key) &&
      namesKind([set.type], [row.set.type]),
  )
}

const isInDatabase = ({ set }: Resource, drivers: CleanupContext['drivers']): boolean => {
  const driver = drivers.get(set.store.driver)
  return driver !== undefined && driver.capabilities.database !== false
}
