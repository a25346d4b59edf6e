import type { LedgerRun, Resource } from '@dustpan/core/ledger'
import type { Choice } from '../removal/choose-due.ts'

export function planJson(run: LedgerRun, { due, takenOver, records, refused, refusals, busy }: Choice): object {
  const ids = (resources: readonly Resource[]) => resources.map(({ id }) => id)
  const calls = ({ id }: Resource) => ({
    id,
    type: records.get(id)?.type,
    key: records.get(id)?.key,
    removal: records.get(id)?.removal,
  })
  return {
    run: run.folded().id,
    plan: run.plan(due).units.map(({ driver, type, resources }) => ({
      store: driver,
      storeId: records.get(resources[0]?.id ?? '')?.storeId,
      type,
      removals: resources.map(calls),
    })),
    refused: { ids: ids(refused), reasons: refusals.map(({ code, message, hint }) => ({ code, message, hint })) },
    inUse: ids(busy),
    takenOver: ids(takenOver),
  }
}
