/** Removals that wait for the end of their test's file, where those of many tests go together: `cleanup.when: 'after-file'`. */
import type { Settings } from '../config/settings.ts'
import type { Resource } from '../resource/resource.ts'
import type { Scope, ScopeEnding } from '../tracking/scope.ts'

/** Its decision is on record: should the process die before the file ends, whoever cleans up after it goes by that. */
export function waitsForItsFile(
  { cleanup }: Settings,
  { identity, policy }: Scope,
  { decision }: ScopeEnding,
  leaving: readonly Resource[],
): boolean {
  const { when } = { ...cleanup, ...policy }
  return when === 'after-file' && identity.kind === 'test' && decision === 'remove' && leaving.every(canWait)
}

/** Not what only this process can remove: functions, and what lives in it. Nor what was changed: the next test is to see what was there. */
const canWait = ({ set: { store, steps, changed } }: Resource): boolean =>
  changed === undefined &&
  store.bound === undefined &&
  steps.every((step) => !('closure' in step) && step.store?.bound === undefined)

/** As they are told in the test's own report. Gives what was found beside them: nobody has looked. */
export function defer(resources: readonly Resource[]): readonly Resource[] {
  for (const resource of resources)
    if (resource.state === 'live') Object.assign(resource, { state: 'pending', why: 'deferred' })
  return []
}
