import type { Snapshot } from './snapshot.ts'

export interface Comparison {
  /** The suites', and still there. */
  readonly left: readonly string[]
  /** Of a test that said that it may stay. */
  readonly kept: readonly string[]
  /** Not the suites', and gone or another. */
  readonly wronglyRemoved: readonly string[]
}

/** What people have made meanwhile: so much, all of it with this in it. */
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

/** The test that keeps its things names them so. */
const mayStay = ([, content]: Entry): boolean => /"name": "(test-)?kept/.test(content)
