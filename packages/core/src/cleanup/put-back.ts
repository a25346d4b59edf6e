/** Restores resources by one call to their store; a resource that is still there unchanged is left alone. */
import { isDeepStrictEqual } from 'node:util'
import { DustpanError, isDustpanError, messageOf } from '../errors/dustpan-error.ts'
import { type Backup, folderOf } from '../ledger/backups.ts'
import type { RemovalContext, StoreConnection } from '../resource/connection.ts'
import type { Driver } from '../resource/driver.ts'
import type { Json, Resource, ResourceId, StoreRef } from '../resource/resource.ts'
import type { BackedUp, RestoreOutcome } from '../resource/target.ts'
import { withoutFields } from './backup-wanted.ts'
import type { CleanupContext } from './context.ts'
import { late } from './deadline.ts'
import { recordNote } from './note.ts'
import type { Restored } from './restore.ts'
import { targetAt, targetOf } from './target-of.ts'

export interface Restoring {
  /** Undefined: the removal is a function, or the driver is not configured. */
  readonly driver: Driver | undefined
  readonly store: StoreRef
  readonly backups: ReadonlyMap<ResourceId, Backup>
}

/** For unchanged resources; a driver may also find this out by itself. */
const there: RestoreOutcome = { state: 'restored', result: 'already there', alreadyThere: true }

export const isThere = (outcome: RestoreOutcome): boolean =>
  outcome.state === 'restored' && outcome.alreadyThere === true

/** Never rejects. */
export async function putBack(
  resources: readonly Resource[],
  { driver, store, backups }: Restoring,
  ctx: CleanupContext,
  deadline: number,
): Promise<Restored> {
  if (!driver) return failed(resources, 'its removal is a function, or its driver is not configured')
  if (store.bound !== undefined && store.bound !== ctx.writer)
    return failed(resources, 'its store was part of a process that has ended')
  const folder = folderOf(ctx.settings.dir, ctx.run)
  let isCalled = false
  const work = async (connection: StoreConnection, signal: AbortSignal): Promise<Restored> => {
    const given = { signal, deadline, attempt: 1, batch: '', run: ctx.run, verify: 'none', backups: folder } as const
    const context: RemovalContext = { ...given, note: (ids, note) => recordNote(resources, ids, note, ctx) }
    const onCall = () => {
      isCalled = true
    }
    const answered = await restoreBy(connection, resources, backups, context, onCall)
    return answered ?? failed(resources, `${driver.name} cannot restore what it removes`)
  }
  try {
    const restored = await ctx.asOwn(() => ctx.connections.use(driver, store, deadline, work))
    return restored === late ? failed(resources, 'no time was left', isCalled) : complete(resources, restored)
  } catch (cause) {
    return failed(resources, messageOf(cause), isCalled, cause)
  }
}

/** Undefined: the store cannot restore. */
async function restoreBy(
  connection: StoreConnection,
  resources: readonly Resource[],
  backups: ReadonlyMap<ResourceId, Backup>,
  context: RemovalContext,
  onCall: () => void,
): Promise<Restored | undefined> {
  const backedUp = resources.flatMap((resource): BackedUp[] => {
    const found = backups.get(resource.id)
    return found ? [{ target: targetAt(resource, found.step), backup: found.backup }] : []
  })
  if (backedUp.length === 0) return withoutBackup(connection, resources, context, onCall)
  if (!connection.putBack || !connection.backup) return undefined
  const now = await connection.backup(
    backedUp.map(({ target }) => target),
    context,
  )
  const isSame = ({ target: { id } }: BackedUp) => isAsBackedUp(now.get(id), backups.get(id) as Backup)
  const away = backedUp.filter((one) => !isSame(one))
  if (away.length > 0) onCall()
  const restored = away.length === 0 ? new Map<never, never>() : await connection.putBack(away, context)
  const outcomes = new Map<ResourceId, RestoreOutcome>(backedUp.map(({ target }) => [target.id, there]))
  for (const { target } of away) outcomes.set(target.id, restored.get(target.id) ?? unknown)
  return outcomes
}

async function withoutBackup(
  connection: StoreConnection,
  resources: readonly Resource[],
  context: RemovalContext,
  onCall: () => void,
): Promise<Restored | undefined> {
  if (resources.some(({ backup }) => backup))
    return failed(resources, 'its backup is missing from the run’s folder, or unreadable')
  onCall()
  return connection.restore?.(resources.map(targetOf), context)
}

/** Columns left out of the backup cannot be compared. */
function isAsBackedUp(now: Json | DustpanError | undefined, { backup, omitted = [] }: Backup): boolean {
  if (now === undefined || isDustpanError(now)) return false
  return isDeepStrictEqual(withoutFields(now, omitted), backup)
}

const unknown: RestoreOutcome = {
  state: 'failed',
  unsure: true,
  error: new DustpanError('DUSTPAN_RESTORE_FAILED', 'The driver returned no outcome for it.'),
}

function complete(resources: readonly Resource[], restored: Restored): Restored {
  return new Map(resources.map(({ id }) => [id, restored.get(id) ?? unknown]))
}

/** `unsure`: the store was asked, and did not report the result. */
function failed(resources: readonly Resource[], why: string, unsure = false, cause?: unknown): Restored {
  const error = isDustpanError(cause)
    ? cause
    : new DustpanError('DUSTPAN_RESTORE_FAILED', `${resources[0]?.set.type} could not be restored: ${why}.`)
  return new Map(resources.map(({ id }) => [id, { state: 'failed', error, ...(unsure ? { unsure } : {}) }]))
}
