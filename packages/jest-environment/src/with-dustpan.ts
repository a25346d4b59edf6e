import { fileURLToPath } from 'node:url'
import { DustpanError } from '@dustpan/core'

/** The parts of Jest's configuration that `withDustpan` reads. */
export interface JestConfig {
  readonly testRunner?: string
  readonly reporters?: readonly unknown[]
  readonly projects?: readonly unknown[]
  readonly watchPathIgnorePatterns?: readonly string[]
}

/** Dustpan writes its files here; in watch mode each write would start the next run. */
const ignoredPath = '/[.]dustpan/'

const pathOf = (entry: string) => fileURLToPath(import.meta.resolve(`@dustpan/jest-environment/${entry}`))

/**
 * Adds Dustpan's test runner and reporter to a Jest configuration, or to the result of a configuration function. Inline
 * projects are included; projects with a configuration file of their own must set the test runner themselves.
 *
 * @example module.exports = withDustpan({ preset: 'ts-jest' })
 * @throws DustpanError `DUSTPAN_CONFIG_INVALID` for a test runner other than jest-circus.
 */
export function withDustpan<Config extends object>(config: Config): Config {
  if (typeof config === 'function') return wrapFunction(config as () => object) as Config
  const { reporters = ['default'] } = config as JestConfig
  return { ...withRunner(config), reporters: [...reporters, pathOf('reporter')] }
}

const wrapFunction =
  (configure: (...args: unknown[]) => object) =>
  async (...args: unknown[]) =>
    withDustpan(await configure(...args))

function withRunner<Config extends JestConfig>(config: Config): Config {
  const { testRunner = 'jest-circus', projects, watchPathIgnorePatterns = [] } = config
  if (!/(^|[\\/]|jest-)circus([\\/]|$)/.test(testRunner)) {
    throw new DustpanError(
      'DUSTPAN_CONFIG_INVALID',
      `testRunner: expected jest-circus, found ${JSON.stringify(testRunner)}.`,
      {
        hint: "Dustpan tracks what runs under jest-circus, Jest's own test runner. Leave `testRunner` out of the configuration of Jest.",
      },
    )
  }
  const all = projects?.map((project) => (typeof project === 'object' ? withRunner(project as JestConfig) : project))
  return {
    ...config,
    testRunner: pathOf('runner'),
    watchPathIgnorePatterns: [...watchPathIgnorePatterns, ignoredPath],
    ...(all ? { projects: all } : {}),
  }
}
