import type { Code } from './codes.ts'
import { describeError } from './dustpan-error.ts'
import { redact } from './redact.ts'

/** What goes wrong at the end of a run fails nothing: it is told. */
export function tell(error: unknown, otherwise: Code): void {
  const { code, message, hint } = describeError(error, otherwise)
  process.stderr.write(`dustpan: ${code}: ${redact(message)}${hint === undefined ? '' : ` ${hint}`}\n`)
}
