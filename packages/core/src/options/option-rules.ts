/** Checks a driver's options, by one rule per option. */
import { DustpanError } from '../errors/dustpan-error.ts'
import { wrongKinds } from './check-kinds.ts'
import { eachOf, isDeletion, isFlag, isRecord, someOf } from './option-values.ts'

type Test = (value: unknown, root: string) => boolean

/** What an option must be, as text and as a check; `shown` limits what an error shows of the value. */
export type OptionRule = readonly [expected: string, holds: Test, shown?: (value: unknown) => unknown]

export type OptionRules<Settings> = { readonly [option in keyof Settings]-?: OptionRule }

/** @throws DustpanError `DUSTPAN_CONFIG_INVALID` that names the option, what was expected and what was found. */
export function checkOptionRules<Settings extends object>(
  instance: string,
  options: unknown,
  rules: OptionRules<Settings>,
  root = '',
): Settings {
  const given = options ?? {}
  if (!isRecord(given)) throw wrongOption(instance, 'options', 'an object', given)
  for (const [option, value] of Object.entries(given)) {
    const rule = Object.hasOwn(rules, option) ? rules[option as keyof Settings] : undefined
    if (!rule) throw wrongOption(instance, `options.${option}`, `one of ${Object.keys(rules).join(', ')}`, option)
    const [expected, holds, shown = (all: unknown) => all] = rule
    if (value !== undefined && !holds(value, root))
      throw wrongOption(instance, `options.${option}`, expected, shown(value))
  }
  return given as Settings
}

/** `path`: `options.url`. */
export function wrongOption(instance: string, path: string, expected: string, found: unknown): DustpanError {
  const shown = typeof found === 'string' ? withoutPassword(found) : found
  return new DustpanError(
    'DUSTPAN_CONFIG_INVALID',
    `drivers.${instance}.${path}: expected ${expected}, found ${JSON.stringify(shown) ?? typeof shown}`,
    { hint: `Correct ${path} of the driver '${instance}' in the configuration.` },
  )
}

/** An unencoded password may contain /, ? and #. */
export function withoutPassword(url: string): string {
  return url.replace(/\/\/.*@/s, '//…@')
}

const isScalar = (value: unknown) => value === null || ['string', 'number', 'boolean'].includes(typeof value)

/** Rules of options that most database drivers with rows share. */
export const sharedRules = {
  softDelete: ['columns and their values for each table', eachOf(someOf(isScalar))],
  deletion: [
    "'hard', 'soft', or one of them for each environment",
    (value, root) => isDeletion(value) || eachOf(isDeletion)(value, root),
  ],
  kinds: [
    'for each kind the columns table, owner, tag, run, createdAt; owner may be { column, is, lowerCase }',
    (value) => wrongKinds(value, undefined) === undefined,
  ],
  owners: ['a table, and its key and type', (value) => wrongKinds(undefined, value) === undefined],
  capture: ['true or false', isFlag],
} as const satisfies { readonly [option: string]: OptionRule }
