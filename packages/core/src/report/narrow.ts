import { totalsOf } from './build.ts'
import type { CleanupReport } from './model.ts'

/** Limits a report to the given resources; without intents and warnings. */
export function narrowReport(report: CleanupReport, ids: ReadonlySet<string>): CleanupReport {
  const scopes = report.scopes
    .map((scope) => ({ ...scope, resources: scope.resources.filter(({ id }) => ids.has(id)) }))
    .filter(({ resources }) => resources.length > 0)
  const resources = scopes.flatMap((scope) => scope.resources)
  return { ...report, totals: totalsOf(resources, 0), scopes, intents: [], warnings: [] }
}
