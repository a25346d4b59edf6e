import type { Driver } from '../resource/driver.ts'
import type { Json, Removal, Resource } from '../resource/resource.ts'

/** Describes a resource's removal for a report. */
export function describeRemoval(drivers: ReadonlyMap<string, Driver>): (resource: Resource) => string {
  return ({ set, key }) => {
    const [step] = set.steps
    if (!step) return set.shared ? 'shared, not removed' : 'cannot be removed'
    if ('closure' in step) return 'a function'
    return described(drivers.get(step.driver), step, key)
  }
}

/** Falls back to the plain record if the driver is not configured, or does not know arguments of an older version. */
function described(driver: Driver | undefined, step: Removal, key: Json): string {
  try {
    if (driver) return driver.describe(step, key)
  } catch {
    // Arguments of an older version.
  }
  return `${step.driver}: ${step.op}`
}
