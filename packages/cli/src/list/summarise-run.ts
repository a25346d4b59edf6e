import { isDustpanError } from '@dustpan/core'
import { isGoingOn, isGone, outlineOf, type RunOutline, redact, type State } from '@dustpan/core/ledger'

export interface RunLine {
  readonly id: string
  readonly build?: string
  readonly startedAt?: string
  readonly runner: string
  /** `lost`: its processes died before the end. `empty`: its folder has no record. */
  readonly ended: 'passed' | 'failed' | 'skipped' | 'interrupted' | 'lost' | 'running' | 'empty'
  readonly tracked: number
  readonly removed: number
  readonly kept: number
  /** Neither removed nor kept: live, pending, refused, failed, lost. */
  readonly left: number
  /** Kept or left resources whose removal was started with unknown outcome. */
  readonly unknown: number
}

export function summariseRun(dir: string, id: string): RunLine {
  const counts = { tracked: 0, removed: 0, kept: 0, left: 0, unknown: 0 }
  const run = outlineOrNothing(dir, id)
  if (!run) return { id, runner: '', ended: 'empty', ...counts }
  for (const [state, count] of Object.entries(run.states) as [State, number][]) {
    counts.tracked += count
    if (isGone(state)) counts.removed += count
    else if (state === 'kept') counts.kept += count
    else if (state !== 'shared' && state !== 'audit') counts.left += count
  }
  counts.unknown = run.unsure ?? 0
  const main = run.writers.find(({ role }) => role === 'main') ?? run.writers[0]
  return {
    id,
    ...(main?.build === undefined ? {} : { build: main.build }),
    ...(Number.isFinite(run.startedAt) ? { startedAt: new Date(run.startedAt).toISOString() } : {}),
    runner: redact(main?.runner ?? 'unknown'),
    ended: isGoingOn(run) ? 'running' : (run.ended ?? 'lost'),
    ...counts,
  }
}

function outlineOrNothing(dir: string, id: string): RunOutline | undefined {
  try {
    return outlineOf(dir, id)
  } catch (error) {
    if (isDustpanError(error) && error.code === 'DUSTPAN_UNKNOWN_RUN') return undefined
    throw error
  }
}
