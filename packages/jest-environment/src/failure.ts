/** Adds the outcome of the cleanup to a test's errors, which every Jest reporter shows. */
import { type CleanupReport, leftBehind, type RunnerSession } from '@dustpan/core/worker'

/** Adds a note to a failed test, and an error when the cleanup failed and is configured to fail the test. */
export function addReport(errors: unknown[], report: CleanupReport, session: RunnerSession): void {
  if (errors.length > 0) errors.push(textError(`Dustpan: ${leftBehind(report) ?? 'nothing left behind'}`))
  failIfAsked(errors, report, session)
}

export function failIfAsked(errors: unknown[], report: CleanupReport, session: RunnerSession): void {
  try {
    session.failIfAsked(report)
  } catch (error) {
    const { code, message, hint } = error as Error & { code: string; hint: string }
    errors.push(textError(`${code}: ${message}\n${hint}`))
  }
}

/** The timeout error of a test or hook: Jest gives a string, paired with an error that has the location. */
export function isTimeout(error: unknown): boolean {
  const [thrown] = Array.isArray(error) ? error : [error]
  return String((thrown as Partial<Error> | undefined)?.message ?? thrown).startsWith('Exceeded timeout of ')
}

/** Jest prints an error's stack and the source around it; here only the text is wanted. */
const textError = (text: string): Error => Object.assign(new Error(text), { stack: text })
