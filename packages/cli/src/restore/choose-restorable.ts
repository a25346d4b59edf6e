/** Chooses which resources of a run can be restored. */
import type { LedgerRun, Resource, ResourceRecord } from '@dustpan/core/ledger'
import type { RestoreOptions } from '../commands/restore.ts'
import type { ErrorInfo } from '../print-error.ts'
import { select } from '../select.ts'

export interface Restorable {
  readonly records: ReadonlyMap<string, ResourceRecord>
  readonly due: readonly Resource[]
  /** Refused by the guard. */
  readonly refused: readonly Resource[]
  readonly refusals: readonly ErrorInfo[]
  /** Removed without a backup. */
  readonly lost: readonly Resource[]
}

export function chooseRestorable(run: LedgerRun, filters: RestoreOptions): Restorable {
  const { resources } = run.folded()
  const records = new Map(run.records().map((record) => [record.id, record]))
  const chosen = select([...records.values()], filters).flatMap(({ id }) => resources.get(id) ?? [])
  const restorable = chosen.filter((resource) => run.isRestorable(resource))
  const errors = run.restoreRefusals(restorable)
  return {
    records,
    due: restorable.filter((resource) => !errors.has(resource)),
    refused: [...errors.keys()],
    refusals: [...new Map([...errors.values()].map((error) => [error.message, error])).values()],
    lost: chosen.filter((resource) => resource.state === 'removed' && !run.isRestorable(resource)),
  }
}
