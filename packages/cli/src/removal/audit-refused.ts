import { type AuditFact, type LedgerRun, recordAudit, type Settings } from '@dustpan/core/ledger'
import type { Choice } from './choose-due.ts'

/** Records refused removals in the audit log; the run's own record does not have them. */
export function auditRefused(run: LedgerRun, { refused, records }: Choice, settings: Settings): void {
  const id = run.folded().id
  const facts = [...run.refusals(refused)].map(([resource, { code, message }]): AuditFact => {
    const { type, key, store, storeId } = records.get(resource.id) ?? {
      type: resource.set.type,
      key: '',
      store: '',
      storeId: '',
    }
    const what = { what: 'removal', result: 'refused', run: id, count: 1, code, message } as const
    return { ...what, driver: store, store: storeId, type, keys: [key] }
  })
  const alike = Map.groupBy(facts, ({ type, driver, message }) => JSON.stringify([type, driver, message]))
  recordAudit(
    settings,
    [...alike.values()].map((group) => ({
      ...(group[0] as AuditFact),
      count: group.length,
      keys: group.flatMap(({ keys = [] }) => keys),
    })),
  )
}
