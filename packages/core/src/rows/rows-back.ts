/** Outcomes of rows restored from backups. */
import { DustpanError } from '../errors/dustpan-error.ts'
import type { ResourceId } from '../resource/resource.ts'
import type { BackedUp, RestoreOutcome, Target } from '../resource/target.ts'
import { referringTo } from './referring.ts'

export type RestoreOutcomes = Map<ResourceId, RestoreOutcome>

/** A row to restore. */
export interface LostRow<Batch, Fields> {
  readonly backedUp: BackedUp
  readonly batch: Batch
  readonly fields: Fields
}

/** Rows whose tables exist. For the others, adds an error to `restored`. */
export function lostRows<Batch extends { readonly targets: readonly Target[] }, Fields>(
  backups: readonly BackedUp[],
  batches: readonly Batch[],
  restored: RestoreOutcomes,
  why = 'its table no longer exists',
): readonly LostRow<Batch, Fields>[] {
  const batchOf = new Map(batches.flatMap((batch) => batch.targets.map(({ id }) => [id, batch] as const)))
  return backups.flatMap((backedUp): readonly LostRow<Batch, Fields>[] => {
    const batch = batchOf.get(backedUp.target.id)
    if (batch) return [{ backedUp, batch, fields: (backedUp.backup as unknown as { readonly fields: Fields }).fields }]
    restored.set(backedUp.target.id, rowNotBack(backedUp, why))
    return []
  })
}

/** Rows without an outcome yet, except those that would refer to a stranger's row: for these, adds an error to `restored`. */
export function rowsToInsert<Lost extends Pick<LostRow<unknown, unknown>, 'backedUp'>>(
  rows: readonly Lost[],
  restored: RestoreOutcomes,
  refersTo: (child: Lost, parent: Lost) => boolean,
): readonly Lost[] {
  const stateOf = ({ backedUp }: Lost) => restored.get(backedUp.target.id)?.state
  const failed = rows.filter((lost) => stateOf(lost) === 'failed')
  const absent = rows.filter((lost) => stateOf(lost) === undefined)
  const orphans = referringTo(failed, absent, refersTo)
  for (const { backedUp } of orphans)
    restored.set(backedUp.target.id, rowNotBack(backedUp, 'its parent was not restored'))
  return absent.filter((lost) => !orphans.has(lost))
}

export const rowBack: RestoreOutcome = { state: 'restored', result: '1 row' }

const rowThere: RestoreOutcome = { state: 'restored', result: 'already there', alreadyThere: true }

/** `columns`: those that differ from before. */
export function rowBackChanged(columns: readonly string[]): RestoreOutcome {
  return { state: 'restored', result: `1 row; a trigger set ${columns.join(', ')}` }
}

export function rowNotBack({ target: { type, key } }: BackedUp, why: string, cause?: unknown): RestoreOutcome {
  const message = `${type} ${JSON.stringify(key)} could not be restored: ${why}`
  return { state: 'failed', error: new DustpanError('DUSTPAN_RESTORE_FAILED', message, { cause }) }
}

/** How an existing row differs from its backup. */
export interface PresentRow {
  /** The columns that differ. */
  readonly differing: readonly string[]
  /** Whether it may be the backed-up row, marked as deleted. */
  readonly isMarked: boolean
  /** The differing columns that are not part of the mark. */
  readonly outsideMark: readonly string[]
}

/**
 * A row that was marked as deleted differs only in the mark; any other has taken the key, or was changed
 * since. Undefined: the mark is to be removed.
 */
export function presentRowOutcome(
  backedUp: BackedUp,
  { differing, isMarked, outsideMark }: PresentRow,
): RestoreOutcome | undefined {
  if (differing.length === 0) return rowThere
  if (!isMarked) return rowNotBack(backedUp, 'another row has its key')
  if (outsideMark.length === 0) return undefined
  return rowNotBack(backedUp, `${outsideMark.join(', ')} of the marked row changed since`)
}
