/** Puts what became of data among Jest's errors, which is where each of its reporters looks. */
import { type CleanupReport, leftBehind, type RunnerSession } from '@dustpan/core/worker'

/** Of a test that failed, or whose cleanup did. */
export function addReport(errors: unknown[], report: CleanupReport, session: RunnerSession): void {
  if (errors.length > 0) errors.push(shown(`Dustpan: ${leftBehind(report) ?? 'nothing left behind'}`))
  failIfAsked(errors, report, session)
}

export function failIfAsked(errors: unknown[], report: CleanupReport, session: RunnerSession): void {
  try {
    session.failIfAsked(report)
  } catch (error) {
    const { code, message, hint } = error as Error & { code: string; hint: string }
    errors.push(shown(`${code}: ${message}\n${hint}`))
  }
}

/** Of a test or hook that Jest waits for no longer: a text, beside an error that knows where. */
export function isTimeout(error: unknown): boolean {
  const [thrown] = Array.isArray(error) ? error : [error]
  return String((thrown as Partial<Error> | undefined)?.message ?? thrown).startsWith('Exceeded timeout of ')
}

/** Jest shows an error's stack, and the source around it: here there is none to show. */
const shown = (text: string): Error => Object.assign(new Error(text), { stack: text })
