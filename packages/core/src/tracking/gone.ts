import type { Resource } from '../resource/resource.ts'
import type { Tracking } from './tracking.ts'

/** Records that resources no longer exist, although Dustpan did not remove them. */
export function markGone(
  tracking: Tracking,
  resources: readonly Resource[],
  by: 'user' | 'rollback' | 'truncate' | 'key-unsure' | 'store-gone' | 'taken-over',
): void {
  if (resources.length === 0) return
  tracking.write({ e: 'gone', ids: resources.map(({ id }) => id), by })
  for (const resource of resources) {
    resource.state = 'gone'
    resource.why = by
  }
}
