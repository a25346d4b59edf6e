import { DustpanError } from '../errors/dustpan-error.ts'
import { redact } from '../errors/redact.ts'

/** Where an option stands, what was expected there and what was found: of a secret only what kind of thing. */
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
