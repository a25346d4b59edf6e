/** Shows what a failed test left below its error, in whatever reporter: all of them print the error's message or stack. */
import { type CleanupReport, leftBehind } from '@dustpan/core/worker'
import type { Runnable } from './mocha.ts'

/** Reporters that print at the end of the run or file have not done so yet. */
export function noteWhatIsLeft({ err }: Runnable, report: CleanupReport): void {
  const left = leftBehind(report)
  if (left === undefined || !(err instanceof Error)) return
  const { message, stack } = err
  const note = `\n      Dustpan: ${left}`
  try {
    if (isCut(message)) err.stack = `${stack}\n    Dustpan: ${left}`
    else Object.assign(err, { stack: stack?.replace(message, () => message + note), message: message + note })
  } catch {
    // A frozen error stays as it is; the report at the end tells the same.
  }
}

/** Of such a message Mocha may show only what is before the colon, and then the diff. */
const isCut = (message: string): boolean => /^[^:]+: expected/.test(message)
