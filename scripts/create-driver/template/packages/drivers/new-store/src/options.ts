import { type DriverConfig, DustpanError } from '@dustpan/core/driver'

export interface NewStoreOptions {
  /**
   * Unique among the drivers of the configuration.
   * @default 'new-store'
   */
  readonly name?: string
  /** Where the store is, for removing: `new-store://localhost:1234/shop`, or `env('NEW_STORE_URL')` to take it from the environment. */
  readonly url: string | { readonly env: string }
  /**
   * Whether what `new-store` creates is tracked by itself.
   * @default true
   */
  readonly capture?: boolean
}

/** The options as the driver gets them: the name apart, the URL resolved. */
export interface Settings {
  readonly url: string
  readonly capture?: boolean
}

/**
 * A NewStore for the `drivers` of a configuration.
 *
 * @example newStore({ name: 'main', url: env('NEW_STORE_URL') })
 */
export function newStore({ name = 'new-store', ...options }: NewStoreOptions): DriverConfig {
  return { use: '@dustpan/new-store', name, options }
}

/** What each option must be, in words and as a check. */
const rules: {
  readonly [option in keyof Settings]-?: readonly [expected: string, holds: (value: unknown) => boolean]
} = {
  url: ['a URL such as new-store://localhost:1234/shop', (value) => typeof value === 'string' && URL.canParse(value)],
  capture: ['true or false', (value) => value === undefined || typeof value === 'boolean'],
}

/** @throws DustpanError `DUSTPAN_CONFIG_INVALID` that names the option, what was expected and what was found. */
export function checkOptions(driver: string, options: unknown): Settings {
  const given = (options ?? {}) as Record<string, unknown>
  const unknown = Object.keys(given).find((option) => !Object.hasOwn(rules, option))
  if (unknown !== undefined) throw wrong(driver, unknown, `one of ${Object.keys(rules).join(', ')}`, unknown)
  for (const [option, [expected, holds]] of Object.entries(rules))
    if (!holds(given[option])) throw wrong(driver, option, expected, given[option])
  return given as unknown as Settings
}

/** A URL may have a password in it, and is not told. */
function wrong(driver: string, option: string, expected: string, found: unknown): DustpanError {
  const told = option === 'url' ? typeof found : JSON.stringify(found)
  return new DustpanError(
    'DUSTPAN_CONFIG_INVALID',
    `drivers.${driver}.options.${option}: expected ${expected}, found ${told}`,
    { hint: `Correct ${option} of the driver '${driver}' in the configuration.` },
  )
}
