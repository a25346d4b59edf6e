/** Removals deferred to the end of the file, where those of many tests are removed together: `cleanup.when: 'after-file'`. */
import type { Settings } from '../config/settings.ts'
import type { Resource } from '../resource/resource.ts'
import type { Scope, ScopeEnding } from '../tracking/scope.ts'

/** The decision is already on record: if the process dies before the file ends, the next cleaner carries it out. */
export function waitsForFile(
  { cleanup }: Settings,
  { identity, policy }: Scope,
  { decision }: ScopeEnding,
  leaving: readonly Resource[],
): boolean {
  const { when } = { ...cleanup, ...policy }
  return when === 'after-file' && identity.kind === 'test' && decision === 'remove' && leaving.every(canWait)
}

/** Not resources that only this process can remove: by functions, or from stores inside it. Nor changed rows: the next test must see the original. */
const canWait = ({ set: { store, steps, changed } }: Resource): boolean =>
  changed === undefined &&
  store.bound === undefined &&
  steps.every((step) => !('closure' in step) && step.store?.bound === undefined)

/** Marks them as deferred for the test's report. Returns no dependents: no store was asked. */
export function defer(resources: readonly Resource[]): readonly Resource[] {
  for (const resource of resources)
    if (resource.state === 'live') Object.assign(resource, { state: 'pending', why: 'deferred' })
  return []
}
