/** Runs failed test files again: tests that fail only on a busy machine are reported as flaky, not as failures. */
import type { FileTotals, Totals } from './test-totals.ts'

/** If more files fail, a busy machine is not the reason. */
const maxFiles = 5

/** The files to run again; none if that would not help. */
export function filesToRunAgain({ files, unhandled }: Totals): readonly string[] {
  const failed = files.filter(hasFailed).map(({ name }) => name)
  return unhandled > 0 || failed.length > maxFiles ? [] : failed
}

/** Replaces the first totals of files by those of the second run. */
export function withSecondRun(first: Totals, second: Totals): Totals {
  const again = new Map(second.files.map((file) => [file.name, file]))
  return {
    files: first.files.map((file) => again.get(file.name) ?? file),
    unhandled: first.unhandled + second.unhandled,
  }
}

/** The names of tests that failed in the first run but not in the second. */
export function flakyOf(first: Totals, second: Totals): readonly string[] {
  const failing = new Set(second.files.flatMap(({ failed }) => failed))
  return first.files.flatMap(({ failed }) => failed).filter((name) => !failing.has(name))
}

const hasFailed = ({ failed }: FileTotals): boolean => failed.length > 0
