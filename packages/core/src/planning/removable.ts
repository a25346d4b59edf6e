import type { Resource } from '../resource/resource.ts'

/** Whether there is something to remove, and a way to remove it. */
export const isRemovable = ({ state, set }: Resource): boolean =>
  set.steps.length > 0 &&
  (state === 'live' || state === 'pending' || state === 'failed' || state === 'refused' || state === 'kept')
