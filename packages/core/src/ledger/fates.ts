/** What is said of the resources of sets, and there may be a million of these: that they went with a batch, or more. */
import type { ResourceId } from '../resource/resource.ts'

/** Nothing more is said of a set than that so many of its resources went with one batch (its index). */
export interface Gone {
  readonly batch: number
  readonly count: number
}

export interface Fates {
  tellMore(ids: readonly ResourceId[]): void
  tellGone(ids: readonly ResourceId[], batch: number): void
  /** Undefined: nothing is said of it. */
  of(set: string): Gone | 'more' | undefined
}

/** A batch, and how many of a set are in it, are one number. */
const most = 2 ** 20
const more = -1

export function newFates(): Fates {
  const fates = new Map<string, number>()
  const after = (before: number | undefined, batch: number): number => {
    if (before === undefined) return batch * most + 1
    return before !== more && Math.floor(before / most) === batch ? before + 1 : more
  }
  return {
    tellMore(ids) {
      for (const id of ids) fates.set(setOf(id), more)
    },
    tellGone(ids, batch) {
      for (const id of ids) {
        const set = setOf(id)
        fates.set(set, after(fates.get(set), batch))
      }
    },
    of(set) {
      const fate = fates.get(set)
      if (fate === undefined) return undefined
      return fate === more ? 'more' : { batch: Math.floor(fate / most), count: fate % most }
    },
  }
}

export const setOf = (id: ResourceId): string => id.slice(0, id.lastIndexOf('.'))
