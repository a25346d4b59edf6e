import type { Driver } from '../resource/driver.ts'
import type { Resource } from '../resource/resource.ts'

/** How a resource's removal is written in a report. */
export function describeRemoval(drivers: ReadonlyMap<string, Driver>): (resource: Resource) => string {
  return ({ set, key }) => {
    const [step] = set.steps
    if (!step) return set.shared ? 'shared, not removed' : 'cannot be removed'
    if ('closure' in step) return 'a function'
    const driver = drivers.get(step.driver)
    return driver ? driver.describe(step, key) : `${step.driver}: ${step.op}`
  }
}
