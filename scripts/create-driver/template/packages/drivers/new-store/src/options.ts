import { type DriverConfig, DustpanError } from '@dustpan/core/driver'

export interface NewStoreOptions {
  /**
   * The instance's name, unique in the configuration.
   * @default 'new-store'
   */
  readonly name?: string
  /** The store's URL, for removal: `new-store://localhost:1234/shop`, or `env('NEW_STORE_URL')` to read it from the environment. */
  readonly url: string | { readonly env: string }
  /**
   * Whether resources that `new-store` creates are tracked automatically.
   * @default true
   */
  readonly capture?: boolean
}

/** The driver's options, without the name and with the URL resolved. */
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

/** The rule of each option, in words and as a check. */
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

/** A URL is not printed, as it may contain a password. */
function wrong(driver: string, option: string, expected: string, found: unknown): DustpanError {
  const shown = option === 'url' ? typeof found : JSON.stringify(found)
  return new DustpanError(
    'DUSTPAN_CONFIG_INVALID',
    `drivers.${driver}.options.${option}: expected ${expected}, found ${shown}`,
    { hint: `Correct ${option} of the driver '${driver}' in the configuration.` },
  )
}
