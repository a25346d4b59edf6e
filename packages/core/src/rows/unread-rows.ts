/** What is told of rows that the server will not show. */
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

/** How a driver speaks of its tables, and of what its server says. */
export interface Telling<Batch extends Rows> {
  tableOf(batch: Batch): string
  said(error: unknown): string
  failed(what: string, error: unknown): RemovalOutcome
}

type Errors = ReadonlyMap<ResourceId, DustpanError>

/** Nobody can tell whether they are there. */
export function unseenRows<Batch extends Rows>(unread: readonly Unread<Batch>[], telling: Telling<Batch>): Errors {
  return byTarget(unread, ({ batch, error }) => {
    const message = `${telling.tableOf(batch)} could not be read: ${telling.said(error)}`
    return new DustpanError('DUSTPAN_REMOVAL_FAILED', message, { cause: error })
  })
}

export function notBackedUpRows<Batch extends Rows>(unread: readonly Unread<Batch>[], telling: Telling<Batch>): Errors {
  return byTarget(unread, ({ batch, error }) => {
    const why = `${telling.tableOf(batch)} could not be read: ${telling.said(error)}`
    return new DustpanError('DUSTPAN_BACKUP_FAILED', `It was not removed because it could not be backed up: ${why}.`, {
      hint: 'Without a backup it could not be restored. The option cleanup.backup sets what is backed up.',
      cause: error,
    })
  })
}

/** Nobody can tell what has their keys now. */
export function notBackRows<Batch extends Rows>(
  backups: readonly BackedUp[],
  unread: readonly Unread<Batch>[],
  { said }: Telling<Batch>,
): RestoreOutcomes {
  const errors = byTarget(unread, ({ error }) => ({ error }))
  return new Map(
    backups.flatMap((one) => {
      const its = errors.get(one.target.id)
      const why = `its current state cannot be read: ${said(its?.error)}`
      return its ? [[one.target.id, rowNotBack(one, why, its.error)] as const] : []
    }),
  )
}

/** The look after a removal: what cannot be looked at counts as not removed, as a look was asked for. Never throws. */
export async function readBackApart<Batch extends Rows>(
  targets: readonly Target[],
  outcomes: Outcomes,
  look: (gone: readonly Target[]) => Promise<Looked<Batch, Iterable<ResourceId>>>,
  { tableOf, failed }: Telling<Batch>,
): Promise<Outcomes> {
  const gone = targets.filter(({ id }) => outcomes.get(id)?.state === 'removed')
  try {
    const { found, unread } = await look(gone)
    await readBack(gone, outcomes, async () => new Set(found.flatMap((ids) => [...ids])))
    for (const { batch, error } of unread) tell(batch.targets, `Checking ${tableOf(batch)} after the removal`, error)
  } catch (error) {
    tell(gone, 'Checking after the removal', error)
  }
  return outcomes

  function tell(unseen: readonly Target[], what: string, error: unknown): void {
    for (const [id, outcome] of each(unseen, failed(what, error))) outcomes.set(id, outcome)
  }
}

function byTarget<Batch extends Rows, Told>(
  unread: readonly Unread<Batch>[],
  told: (one: Unread<Batch>) => Told,
): ReadonlyMap<ResourceId, Told> {
  return new Map(
    unread.flatMap((one) => {
      const its = told(one)
      return one.batch.targets.map(({ id }) => [id, its] as const)
    }),
  )
}
