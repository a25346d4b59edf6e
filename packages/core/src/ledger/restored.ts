/** The state of resources before and after a restore. */
import { isGone, type Resource, type ResourceId } from '../resource/resource.ts'

export type Status = Pick<Resource, 'state' | 'why' | 'result' | 'error'>

/** Restored resources are kept, so that no run removes them again automatically. */
const restored: Status = { state: 'kept', why: 'restored' }

export const isRestored = ({ state, why }: Pick<Resource, 'state' | 'why'>): boolean =>
  state === restored.state && why === restored.why

/** Marks resources as restored before the store is called: if the process dies meanwhile, the ledger knows what may be back. */
export function beginRestoring(resources: readonly Resource[]): ReadonlyMap<Resource, Status> {
  const before = new Map(resources.map((resource) => [resource, statusOf(resource)]))
  for (const resource of resources) if (isGone(resource.state)) setStatus(resource, restored)
  return before
}

/** `there`: resources that were never gone; they become restored only if the record said they were gone. */
export function endRestoring(
  before: ReadonlyMap<Resource, Status>,
  there: ReadonlySet<ResourceId>,
  failed: ReadonlySet<ResourceId>,
): void {
  for (const [resource, was] of before) {
    const isBack = !failed.has(resource.id) && (!there.has(resource.id) || isGone(was.state))
    setStatus(resource, isBack ? restored : was)
  }
}

function statusOf({ state, why, result, error }: Resource): Status {
  return {
    state,
    ...(why === undefined ? {} : { why }),
    ...(result === undefined ? {} : { result }),
    ...(error === undefined ? {} : { error }),
  }
}

function setStatus(resource: Resource, status: Status): void {
  delete resource.why
  delete resource.result
  delete resource.error
  Object.assign(resource, status)
}
