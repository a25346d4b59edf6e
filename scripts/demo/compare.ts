import { isDeepStrictEqual } from 'node:util'
import type { Content, Snapshot } from './snapshot.ts'

export interface Comparison {
  /** Existed before, and unchanged. */
  readonly same: number
  /** New, but marked as deleted, which is how the shop deletes users. */
  readonly softDeleted: readonly string[]
  /** New, and not removed. */
  readonly left: readonly string[]
  /** Existed before, and changed or missing. */
  readonly damaged: readonly string[]
}

export function compare(before: Snapshot, after: Snapshot): Comparison {
  const added = [...after].filter(([name]) => !before.has(name))
  const [same, other] = partition([...before], ([name, content]) => isDeepStrictEqual(after.get(name), content))
  const [softDeleted, left] = partition(added, ([, content]) => isSoftDeleted(content))
  return { same: same.length, softDeleted: names(softDeleted), left: names(left), damaged: names(other) }
}

function partition<T>(items: readonly T[], belongs: (item: T) => boolean): [T[], T[]] {
  return [items.filter(belongs), items.filter((item) => !belongs(item))]
}

function names(entries: readonly (readonly [string, Content])[]): string[] {
  return entries.map(([name]) => name)
}

function isSoftDeleted({ is_active, deleted_at }: Content): boolean {
  return is_active === 0 && typeof deleted_at === 'string'
}
