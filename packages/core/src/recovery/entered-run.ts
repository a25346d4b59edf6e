/** A run that a process works on through its ledger: the shared input of all operations. */
import type { Connections } from '../cleanup/connections.ts'
import type { CleanupContext } from '../cleanup/context.ts'
import type { Settings } from '../config/settings.ts'
import type { FoldedRun } from '../ledger/folded-run.ts'
import { keptByOtherRuns } from '../ledger/kept-by-other-runs.ts'
import { rolledBackAmong } from '../ledger/rolled-back.ts'
import type { Resource, RunId } from '../resource/resource.ts'
import { markGone } from '../tracking/gone.ts'
import type { Tracking } from '../tracking/tracking.ts'
import { ledgerContext } from './ledger-context.ts'

export interface EnteredRun {
  readonly id: RunId
  readonly settings: Settings
  /** `main`: the run's own process, at its end; the others come later. */
  readonly role: 'main' | 'cli' | 'reaper'
  readonly stop: AbortSignal | undefined
  readonly tracking: Tracking
  readonly connections: Connections
  folded(): FoldedRun
}

/** A context for queries only. */
export function readOnlyContext({ tracking, connections }: EnteredRun): CleanupContext {
  return ledgerContext(tracking, connections, [], [])
}

export function recordingContext(
  { tracking, connections }: EnteredRun,
  { scopes, resources }: FoldedRun,
): CleanupContext {
  return ledgerContext(tracking, connections, scopes.values(), resources.values())
}

/** @param known all resources that may exist, or are to be removed */
export function removingContext(
  { tracking, connections, role, stop }: EnteredRun,
  { scopes, workedUntil }: FoldedRun,
  known: Iterable<Resource>,
): CleanupContext & { readonly stop: AbortSignal | undefined } {
  const overSince = role === 'main' ? undefined : workedUntil + lastWorkMs
  return { ...ledgerContext(tracking, connections, scopes.values(), known, overSince), stop }
}

/** How long a killed process may have worked after its last record. */
const lastWorkMs = 1000

/** Empty at the run's own end: it created what it removes. Later, another run may have created the same resource again. */
export function keptByOthers({ settings, id, role }: EnteredRun): readonly Resource[] {
  return role === 'main' ? [] : keptByOtherRuns(settings.dir, id)
}

export function markRolledBack({ tracking }: EnteredRun, now: FoldedRun, resources: Iterable<Resource>): void {
  markGone(tracking, rolledBackAmong(resources, now), 'rollback')
}
