import type { Driver } from '../resource/driver.ts'
import type { Json, Removal, Resource } from '../resource/resource.ts'

/** How a resource's removal is written in a report. */
export function describeRemoval(drivers: ReadonlyMap<string, Driver>): (resource: Resource) => string {
  return ({ set, key }) => {
    const [step] = set.steps
    if (!step) return set.shared ? 'shared, not removed' : 'cannot be removed'
    if ('closure' in step) return 'a function'
    return described(drivers.get(step.driver), step, key)
  }
}

/** A record may be older than the driver, or its driver no longer configured: it is told all the same. */
function described(driver: Driver | undefined, step: Removal, key: Json): string {
  try {
    if (driver) return driver.describe(step, key)
  } catch {
    // Arguments that this version does not know.
  }
  return `${step.driver}: ${step.op}`
}
