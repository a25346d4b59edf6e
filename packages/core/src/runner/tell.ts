import type { Code } from '../errors/codes.ts'
import { describeError } from '../errors/dustpan-error.ts'
import { redact } from '../errors/redact.ts'

/** What goes wrong at the end of a run fails nothing: it is told. */
export function tell(error: unknown, otherwise: Code): void {
  const { code, message, hint } = describeError(error, otherwise)
  process.stderr.write(`dustpan: ${code}: ${redact(message)}${hint === undefined ? '' : ` ${hint}`}\n`)
}
