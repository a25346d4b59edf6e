/**
 * What was made over HTTP, and the row that the server wrote for it: one thing, on record twice. The row of a server of the test's own process goes
 * by itself, also where the server has been closed; so does one that the database's log told, where the server has no way to remove it.
 */
import { keyText } from '../resource/key-text.ts'
import type { Resource } from '../resource/resource.ts'
import { namesKind } from '../resource/same-kind.ts'
import type { CleanupContext } from './context.ts'

/** Whose server answers no more, as far as anybody knows, and who have a row that goes without it. */
export function waitForTheirRows(resources: readonly Resource[], ctx: CleanupContext): ReadonlySet<Resource> {
  return new Set(resources.filter((one) => isClosed(one, ctx) && rowsBehind(one, ctx).length > 0))
}

/** Strikes off those whose rows are gone. */
export function goWithTheirRows(resources: readonly Resource[], ctx: CleanupContext): void {
  const gone = resources.filter(
    (one) => (isOpen(one) && hasGone(rowsBehind(one, ctx))) || (isUnproven(one) && hasGone(rowsTold(one, ctx))),
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

/** The server has answered that there is nothing, and that was not to be believed. */
const isUnproven = ({ state, error }: Resource): boolean =>
  state === 'failed' && error?.code === 'DUSTPAN_GONE_UNPROVEN'

function isClosed({ set: { store } }: Resource, { drivers, writer }: CleanupContext): boolean {
  if (store.bound === undefined) return false
  return store.bound !== writer || drivers.get(store.driver)?.isClosed?.(store) === true
}

const hasGone = (rows: readonly Resource[]): boolean => rows.length > 0 && rows.every(isOut)

const isOut = ({ state, why = '' }: Resource): boolean =>
  state === 'removed' || state === 'already-gone' || (state === 'gone' && taken.has(why))

/** By the test itself, or with its database in memory. What was rolled back, say, was never there, and shows nothing. */
const taken: ReadonlySet<string> = new Set(['user', 'truncate', 'store-gone'])

/** Of the same test, kind and key, and written between the request and its answer. */
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

/** Of the same test, kind and key, by the log. */
function rowsTold({ set, scope, key }: Resource, { drivers, recordedIn }: CleanupContext): readonly Resource[] {
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
