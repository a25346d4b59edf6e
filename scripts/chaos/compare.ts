import type { Snapshot } from './snapshot.ts'

export interface Comparison {
  /** Resources of the suites that were not removed. */
  readonly left: readonly string[]
  /** Resources of a test that keeps them. */
  readonly kept: readonly string[]
  /** Others' resources that were removed or changed. */
  readonly wronglyRemoved: readonly string[]
}

/** What people have created in the meantime: how much, and the mark in all of it. */
export interface Meanwhile {
  readonly mark: string
  readonly made: number
}

export function compare(before: Snapshot, after: Snapshot, { mark, made }: Meanwhile): Comparison {
  const added = [...after].filter(([name]) => !before.has(name))
  const [theirs, ours] = partition(added, ([, content]) => content.includes(mark))
  const [kept, left] = partition(ours, mayStay)
  const damaged = [...before].filter(([name, content]) => after.get(name) !== content).map(([name]) => name)
  const missing = Array.from({ length: made - theirs.length }, () => `one of ${mark}`)
  return { left: left.map(nameOf), kept: kept.map(nameOf), wronglyRemoved: [...damaged, ...missing] }
}

type Entry = readonly [name: string, content: string]

const nameOf = ([name]: Entry): string => name

function partition(entries: readonly Entry[], belongs: (entry: Entry) => boolean): [Entry[], Entry[]] {
  return [entries.filter(belongs), entries.filter((entry) => !belongs(entry))]
}

/** The name of resources that their test keeps. */
const mayStay = ([, content]: Entry): boolean => /"name": "(test-)?kept/.test(content)
