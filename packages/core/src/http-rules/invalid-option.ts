import { DustpanError } from '../errors/dustpan-error.ts'
import { redact } from '../errors/redact.ts'

/** An error with the option's path, what was expected and what was found; for a secret only its type. */
export function invalidOption(
  path: string,
  expected: string,
  found: unknown,
  hint: string,
  secret = false,
): DustpanError {
  const kind = secret || typeof found === 'function'
  const shown = kind ? `a ${typeof found}` : redact(JSON.stringify(found) ?? 'nothing').slice(0, 80)
  return new DustpanError('DUSTPAN_CONFIG_INVALID', `${path}: expected ${expected}, found ${shown}.`, { hint })
}
