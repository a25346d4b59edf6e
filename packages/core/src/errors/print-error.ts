import type { Code } from './codes.ts'
import { describeError } from './dustpan-error.ts'
import { redact } from './redact.ts'

/** Prints an error to stderr. For failures at the end of a run, which must not fail it. */
export function printError(error: unknown, otherwise: Code): void {
  const { code, message, hint } = describeError(error, otherwise)
  process.stderr.write(`dustpan: ${code}: ${redact(message)}${hint === undefined ? '' : ` ${hint}`}\n`)
}
