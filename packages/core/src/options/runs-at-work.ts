/** Keeps a predicate away from rows of other runs that may still be going on. */
import type { RunsAtWork } from '../resource/predicate.ts'

/** A test of one column; strings are compared exactly, and null counts as the empty string. */
export type PlainTest =
  | { readonly test: 'before'; readonly column: string; readonly at: number }
  /** Its value is one of these. */
  | { readonly test: 'among'; readonly column: string; readonly texts: readonly string[] }
  /** Its value is none of these. */
  | { readonly test: 'other'; readonly column: string; readonly texts: readonly string[] }
  /** Its value sorts before this one, by bytes. */
  | { readonly test: 'below'; readonly column: string; readonly text: string }

/** All tests of at least one list hold. */
export interface AnyTest {
  readonly test: 'any'
  readonly of: readonly (readonly PlainTest[])[]
}

/** Undefined: the table has no run column. Without a creation time, the start of the row's run is used. */
export function notOfActiveRun(
  { run, createdAt }: { readonly run: string | undefined; readonly createdAt: string | undefined },
  { goingOn, over, before, begunBefore }: RunsAtWork,
): AnyTest | undefined {
  if (run === undefined) return undefined
  const isOld: PlainTest =
    createdAt === undefined
      ? { test: 'below', column: run, text: begunBefore }
      : { test: 'before', column: createdAt, at: before }
  return {
    test: 'any',
    of: [
      [{ test: 'among', column: run, texts: ['', ...over] }],
      [isOld, { test: 'other', column: run, texts: goingOn }],
    ],
  }
}
