/** Backs resources up before their removal, if configured: to a file of the run, flushed to disk. */
import { DustpanError, isDustpanError, messageOf } from '../errors/dustpan-error.ts'
import type { Outcomes } from '../journal/removal-log.ts'
import { type Backup, folderOf, writeBackups } from '../ledger/backups.ts'
import type { RemovalContext, StoreConnection } from '../resource/connection.ts'
import type { Json, Resource, ResourceId } from '../resource/resource.ts'
import type { Target } from '../resource/target.ts'
import { isWanted, omittedOf, withoutFields } from './backup-wanted.ts'
import type { CleanupContext } from './context.ts'

export interface BackingUp {
  readonly step: number
  /** The driver instance. */
  readonly driver: string
  readonly ctx: CleanupContext
}

/** Resources that stay because their backup failed. */
export type NotBackedUp = ReadonlyMap<ResourceId, DustpanError>

/** @throws DustpanError `DUSTPAN_BACKUP_FAILED` when the store cannot be read: then nothing may be removed. */
export async function backUp(
  connection: StoreConnection,
  resources: readonly Resource[],
  targets: readonly Target[],
  context: RemovalContext,
  { step, driver, ctx }: BackingUp,
): Promise<NotBackedUp> {
  const wanted = new Map(resources.filter((one) => isWanted(one, ctx)).map((one) => [one.id, one]))
  if (wanted.size === 0 || !connection.backup) return new Map()
  const backedUp = wanted.size === targets.length ? targets : targets.filter(({ id }) => wanted.has(id))
  const backups = folderOf(ctx.settings.dir, ctx.run)
  const found = await orBackupFailed(connection.backup(backedUp, { ...context, backups }), driver)
  const { whole, failed } = sortAnswers(found, wanted, step, ctx)
  const error = write(whole, ctx)
  if (error) return new Map([...wanted.keys()].map((id) => [id, error]))
  recordBackups(whole, wanted, { batch: context.batch, isAll: whole.length === targets.length }, ctx)
  return failed
}

async function orBackupFailed<T>(backup: Promise<T>, driver: string): Promise<T> {
  try {
    return await backup
  } catch (cause) {
    throw notBackedUp(`the driver ${JSON.stringify(driver)} failed: ${messageOf(cause)}`, {
      hint: 'Without a backup it could not be restored. The option cleanup.backup sets what is backed up.',
      cause,
    })
  }
}

function sortAnswers(
  found: ReadonlyMap<ResourceId, Json | DustpanError>,
  wanted: ReadonlyMap<ResourceId, Resource>,
  step: number,
  ctx: CleanupContext,
): { readonly whole: readonly Backup[]; readonly failed: NotBackedUp } {
  const whole: Backup[] = []
  const failed = new Map<ResourceId, DustpanError>()
  for (const [id, resource] of wanted) {
    const answer = found.get(id)
    if (answer === undefined) continue
    const omitted = omittedOf(resource, ctx)
    const backup = isDustpanError(answer) ? answer : withoutFields(answer, omitted)
    if (backup === undefined) failed.set(id, notOmitted(resource))
    else if (isDustpanError(backup)) failed.set(id, backup)
    else whole.push({ id, step, backup, ...(omitted.length === 0 ? {} : { omitted }) })
  }
  return { whole, failed }
}

function write(
  backups: readonly Backup[],
  { settings: { dir }, run, writer }: CleanupContext,
): DustpanError | undefined {
  if (backups.length === 0) return undefined
  try {
    writeBackups({ dir, run, writer }, backups)
    return undefined
  } catch (cause) {
    const hint = 'Free disk space, or set DUSTPAN_DIR to a writable folder.'
    return notBackedUp(`${folderOf(dir, run)} could not be written: ${messageOf(cause)}`, { hint, cause })
  }
}

function recordBackups(
  backups: readonly Backup[],
  wanted: ReadonlyMap<ResourceId, Resource>,
  { batch, isAll }: { readonly batch: string; readonly isAll: boolean },
  ctx: CleanupContext,
): void {
  if (backups.length === 0) return
  const ids = backups.map(({ id }) => id)
  ctx.write({ e: 'removal.backed-up', batch, ...(isAll ? {} : { ids }) })
  for (const id of ids) Object.assign(wanted.get(id) ?? {}, { backup: true })
}

function notOmitted({ set }: Resource): DustpanError {
  return notBackedUp(`cleanup.backup.omit names a column of ${set.type}, but its backups have no columns`, {
    hint: `Remove it from omit, or list in cleanup.backup.types what to back up, without ${set.type}.`,
  })
}

function notBackedUp(why: string, more: { readonly hint: string; readonly cause?: unknown }): DustpanError {
  return new DustpanError(
    'DUSTPAN_BACKUP_FAILED',
    `It was not removed because it could not be backed up: ${why}.`,
    more,
  )
}

/** Warns once per type. */
export function warnOfMissing(
  resources: readonly Resource[],
  outcomes: Outcomes,
  driver: string,
  ctx: CleanupContext,
): void {
  if (!ctx.settings.cleanup.backup) return
  const missing = resources.filter(
    (one) => one.backup === undefined && outcomes.get(one.id)?.state === 'removed' && isWanted(one, ctx),
  )
  for (const type of new Set(missing.map(({ set }) => set.type))) {
    ctx.warn(
      'DUSTPAN_NOT_BACKED_UP',
      `${type} was removed by ${driver} without a backup: this kind of removal cannot be backed up.`,
    )
  }
}
