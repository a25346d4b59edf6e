import type { CleanupReport, ReportedResource } from '@dustpan/core'

/** The outcomes of each test's resources: `title of the test` → `type state, …`, sorted. */
export function outcomes(report: CleanupReport | undefined): Record<string, string[]> {
  const all = (report?.scopes ?? []).map(({ path, kind, attempt, resources }) => {
    const name = `${path?.join(' > ') ?? kind}${attempt > 0 ? ` #${attempt}` : ''}`
    return [name, resources.map(({ type, state }) => `${type} ${state}`).sort()] as const
  })
  return Object.fromEntries(all)
}

export const resources = (report: CleanupReport | undefined): readonly ReportedResource[] =>
  (report?.scopes ?? []).flatMap(({ resources }) => resources)
