/** Appends a note about resources left behind to a failed test's error: every reporter prints its message or stack. */
import { type CleanupReport, leftBehind } from '@dustpan/core/worker'
import type { Runnable } from './mocha.ts'

/** Called before the reporters that print at the end of the run or file do so. */
export function noteLeftBehind({ err }: Runnable, report: CleanupReport): void {
  const left = leftBehind(report)
  if (left === undefined || !(err instanceof Error)) return
  const { message, stack } = err
  const note = `\n      Dustpan: ${left}`
  try {
    if (isCut(message)) err.stack = `${stack}\n    Dustpan: ${left}`
    else Object.assign(err, { stack: stack?.replace(message, () => message + note), message: message + note })
  } catch {
    // A frozen error stays as it is; the final report has the same information.
  }
}

/** Mocha may cut such a message at the colon and show a diff instead of the rest. */
const isCut = (message: string): boolean => /^[^:]+: expected/.test(message)
