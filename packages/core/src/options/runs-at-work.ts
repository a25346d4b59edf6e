/** What carries the id of a run that may be going on: part of what a row must pass, for it to be nobody's that is at work. */
import type { RunsAtWork } from '../resource/predicate.ts'

/** A test of one column; texts are compared as they are, and what is empty counts as the empty text. */
export type PlainTest =
  | { readonly test: 'before'; readonly column: string; readonly at: number }
  /** Its text is one of these. */
  | { readonly test: 'among'; readonly column: string; readonly texts: readonly string[] }
  /** Its text is none of these. */
  | { readonly test: 'other'; readonly column: string; readonly texts: readonly string[] }
  /** Its text sorts before this one, by its bytes. */
  | { readonly test: 'below'; readonly column: string; readonly text: string }

/** One of these lists holds as a whole. */
export interface AnyTest {
  readonly test: 'any'
  readonly of: readonly (readonly PlainTest[])[]
}

/** Undefined: the table does not say of which run a row is. Where it does not say when a row was made, the run's own beginning counts. */
export function ofNoRunAtWork(
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
