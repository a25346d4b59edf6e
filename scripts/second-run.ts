/** Tests that fail beside all others on a busy machine, and pass by themselves: told, and no failure. */
import type { FileTotals, Totals } from './test-totals.ts'

/** More files than this do not fail because the machine is busy. */
const mostFiles = 5

/** The files to run again; none where it would not help. */
export function filesToRunAgain({ files, unhandled }: Totals): readonly string[] {
  const failed = files.filter(hasFailed).map(({ name }) => name)
  return unhandled > 0 || failed.length > mostFiles ? [] : failed
}

/** What the files gave when they were run again, in the place of what they gave at first. */
export function withSecondRun(first: Totals, second: Totals): Totals {
  const again = new Map(second.files.map((file) => [file.name, file]))
  return {
    files: first.files.map((file) => again.get(file.name) ?? file),
    unhandled: first.unhandled + second.unhandled,
  }
}

/** By name, what failed in the first run and not in the second. */
export function flakyOf(first: Totals, second: Totals): readonly string[] {
  const failing = new Set(second.files.flatMap(({ failed }) => failed))
  return first.files.flatMap(({ failed }) => failed).filter((name) => !failing.has(name))
}

const hasFailed = ({ failed }: FileTotals): boolean => failed.length > 0
