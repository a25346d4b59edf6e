/** How a thing stands, before it is brought back and afterwards. */
import { isGone, type Resource, type ResourceId } from '../resource/resource.ts'

export type Standing = Pick<Resource, 'state' | 'why' | 'result' | 'error'>

/** What is back is kept: no run sweeps it away again by itself. */
const restored: Standing = { state: 'kept', why: 'restored' }

export const isRestored = ({ state, why }: Pick<Resource, 'state' | 'why'>): boolean =>
  state === restored.state && why === restored.why

/** Begins to bring things back. Should its process die meanwhile, what may be there again is on record. */
export function beginRestoring(resources: readonly Resource[]): ReadonlyMap<Resource, Standing> {
  const before = new Map(resources.map((resource) => [resource, standingOf(resource)]))
  for (const resource of resources) if (isGone(resource.state)) stand(resource, restored)
  return before
}

/** `there`: they never were away, so that they are restored only where the record said that they were. */
export function endRestoring(
  before: ReadonlyMap<Resource, Standing>,
  there: ReadonlySet<ResourceId>,
  failed: ReadonlySet<ResourceId>,
): void {
  for (const [resource, was] of before) {
    const isBack = !failed.has(resource.id) && (!there.has(resource.id) || isGone(was.state))
    stand(resource, isBack ? restored : was)
  }
}

function standingOf({ state, why, result, error }: Resource): Standing {
  return {
    state,
    ...(why === undefined ? {} : { why }),
    ...(result === undefined ? {} : { result }),
    ...(error === undefined ? {} : { error }),
  }
}

function stand(resource: Resource, standing: Standing): void {
  delete resource.why
  delete resource.result
  delete resource.error
  Object.assign(resource, standing)
}
