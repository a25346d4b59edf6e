import { DustpanError } from '../errors/dustpan-error.ts'

/** Where an option stands, what was expected there and what was found. */
export function invalidOption(path: string, expected: string, found: unknown, hint: string): DustpanError {
  const shown = typeof found === 'function' ? 'a function' : (JSON.stringify(found) ?? 'nothing').slice(0, 80)
  return new DustpanError('DUSTPAN_CONFIG_INVALID', `${path}: expected ${expected}, found ${shown}.`, { hint })
}
