/** Collects the application's rows when a worker's scopes close. */
import type { CleanupContext } from '../cleanup/context.ts'
import type { Scope } from '../tracking/scope.ts'
import type { Tracking } from '../tracking/tracking.ts'

export interface ApplicationRows {
  /** Whether there is any store to ask. */
  readonly collects: boolean
  opened(scope: Scope): void
  /** Resolves once the stores know that this process is at work. */
  ready(): Promise<void>
  /** Collects what was written during a scope; at the end of a file, also late rows of its tests. Never rejects. */
  collect(scope: Scope, deadline: number): Promise<void>
}

/** Loads the collecting code only if a driver supports it. */
export async function openApplicationRows(tracking: Tracking, context: CleanupContext): Promise<ApplicationRows> {
  if (![...tracking.drivers.values()].some(({ collects }) => collects)) return noApplicationRows
  const { collectedRows } = await import('./collected-rows.ts')
  return collectedRows(tracking, context) ?? noApplicationRows
}

const noApplicationRows: ApplicationRows = {
  collects: false,
  opened() {},
  ready: async () => {},
  collect: async () => {},
}
