/** What the application under test writes while a worker's scopes are open: collected when they close. */
import type { CleanupContext } from '../cleanup/context.ts'
import type { Scope } from '../tracking/scope.ts'
import type { Tracking } from '../tracking/tracking.ts'

export interface ApplicationRows {
  /** Whether any store is asked at all. */
  readonly collects: boolean
  opened(scope: Scope): void
  /** The stores know that this process is at work. */
  ready(): Promise<void>
  /** At a scope's end: what was written in it, and at a file's what came late in its tests. Never rejects. */
  collect(scope: Scope, deadline: number): Promise<void>
}

/** Loads what collects only where a driver does. */
export async function openApplicationRows(tracking: Tracking, context: CleanupContext): Promise<ApplicationRows> {
  if (![...tracking.drivers.values()].some(({ collects }) => collects)) return nothingToAsk
  const { collectedRows } = await import('./collected-rows.ts')
  return collectedRows(tracking, context) ?? nothingToAsk
}

const nothingToAsk: ApplicationRows = {
  collects: false,
  opened() {},
  ready: async () => {},
  collect: async () => {},
}
