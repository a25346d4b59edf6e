/** Remembers, for each set of resources, whether they were all removed in one batch. Compact: there may be a million sets. */
import type { ResourceId } from '../resource/resource.ts'

/** `count` resources of the set were removed in one batch (its index); no other event mentions the set. */
export interface RemovedInBatch {
  readonly batch: number
  readonly count: number
}

export interface Fates {
  markOther(ids: readonly ResourceId[]): void
  markRemoved(ids: readonly ResourceId[], batch: number): void
  /** Undefined: no event mentions the set. */
  of(set: string): RemovedInBatch | 'other' | undefined
}

/** A batch and a count are packed into one number; a count stays below this. */
const maxCount = 2 ** 20
const other = -1

export function newFates(): Fates {
  const fates = new Map<string, number>()
  const after = (before: number | undefined, batch: number): number => {
    if (before === undefined) return batch * maxCount + 1
    return before !== other && Math.floor(before / maxCount) === batch ? before + 1 : other
  }
  return {
    markOther(ids) {
      for (const id of ids) fates.set(setOf(id), other)
    },
    markRemoved(ids, batch) {
      for (const id of ids) {
        const set = setOf(id)
        fates.set(set, after(fates.get(set), batch))
      }
    },
    of(set) {
      const fate = fates.get(set)
      if (fate === undefined) return undefined
      return fate === other ? 'other' : { batch: Math.floor(fate / maxCount), count: fate % maxCount }
    },
  }
}

export const setOf = (id: ResourceId): string => id.slice(0, id.lastIndexOf('.'))
