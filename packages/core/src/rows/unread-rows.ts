/** Errors for rows that the server does not show. */
import { DustpanError } from '../errors/dustpan-error.ts'
import type { ResourceId } from '../resource/resource.ts'
import type { BackedUp, RemovalOutcome, Target } from '../resource/target.ts'
import type { Looked, Unread } from './look-apart.ts'
import { readBack } from './read-back.ts'
import { each, type Outcomes } from './row-outcomes.ts'
import { type RestoreOutcomes, rowNotBack } from './rows-back.ts'

interface Rows {
  readonly targets: readonly Target[]
}

/** How a driver names its tables and describes its server's errors. */
export interface RowErrorTexts<Batch extends Rows> {
  tableOf(batch: Batch): string
  textOf(error: unknown): string
  failed(what: string, error: unknown): RemovalOutcome
}

type Errors = ReadonlyMap<ResourceId, DustpanError>

/** It is unknown whether the rows exist. */
export function unseenRows<Batch extends Rows>(unread: readonly Unread<Batch>[], texts: RowErrorTexts<Batch>): Errors {
  return byTarget(unread, ({ batch, error }) => {
    const message = `${texts.tableOf(batch)} could not be read: ${texts.textOf(error)}`
    return new DustpanError('DUSTPAN_REMOVAL_FAILED', message, { cause: error })
  })
}

export function notBackedUpRows<Batch extends Rows>(
  unread: readonly Unread<Batch>[],
  texts: RowErrorTexts<Batch>,
): Errors {
  return byTarget(unread, ({ batch, error }) => {
    const why = `${texts.tableOf(batch)} could not be read: ${texts.textOf(error)}`
    return new DustpanError('DUSTPAN_BACKUP_FAILED', `It was not removed because it could not be backed up: ${why}.`, {
      hint: 'Without a backup it could not be restored. The option cleanup.backup sets what is backed up.',
      cause: error,
    })
  })
}

/** It is unknown which rows have their keys now. */
export function notRestoredRows<Batch extends Rows>(
  backups: readonly BackedUp[],
  unread: readonly Unread<Batch>[],
  { textOf }: RowErrorTexts<Batch>,
): RestoreOutcomes {
  const errors = byTarget(unread, ({ error }) => ({ error }))
  return new Map(
    backups.flatMap((one) => {
      const found = errors.get(one.target.id)
      const why = `its current state cannot be read: ${textOf(found?.error)}`
      return found ? [[one.target.id, rowNotBack(one, why, found.error)] as const] : []
    }),
  )
}

/** Checks after a removal: rows that cannot be checked count as not removed, as the check was requested. Never throws. */
export async function readBackApart<Batch extends Rows>(
  targets: readonly Target[],
  outcomes: Outcomes,
  look: (gone: readonly Target[]) => Promise<Looked<Batch, Iterable<ResourceId>>>,
  { tableOf, failed }: RowErrorTexts<Batch>,
): Promise<Outcomes> {
  const gone = targets.filter(({ id }) => outcomes.get(id)?.state === 'removed')
  try {
    const { found, unread } = await look(gone)
    await readBack(gone, outcomes, async () => new Set(found.flatMap((ids) => [...ids])))
    for (const { batch, error } of unread)
      markFailed(batch.targets, `Checking ${tableOf(batch)} after the removal`, error)
  } catch (error) {
    markFailed(gone, 'Checking after the removal', error)
  }
  return outcomes

  function markFailed(unseen: readonly Target[], what: string, error: unknown): void {
    for (const [id, outcome] of each(unseen, failed(what, error))) outcomes.set(id, outcome)
  }
}

function byTarget<Batch extends Rows, Result>(
  unread: readonly Unread<Batch>[],
  resultOf: (one: Unread<Batch>) => Result,
): ReadonlyMap<ResourceId, Result> {
  return new Map(
    unread.flatMap((one) => {
      const result = resultOf(one)
      return one.batch.targets.map(({ id }) => [id, result] as const)
    }),
  )
}
