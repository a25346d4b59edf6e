import { fileURLToPath } from 'node:url'
import { DustpanError } from '@dustpan/core'

/** The parts of a configuration of Jest that are looked at. */
export interface JestConfig {
  readonly testRunner?: string
  readonly reporters?: readonly unknown[]
  readonly projects?: readonly unknown[]
  readonly watchPathIgnorePatterns?: readonly string[]
}

/** Where reports are written: in watch mode each would start the next run. */
const ledger = '/[.]dustpan/'

const pathOf = (entry: string) => fileURLToPath(import.meta.resolve(`@dustpan/jest-environment/${entry}`))

/**
 * Adds Dustpan's test runner and reporter to a configuration of Jest, or to what a function gives for one. Projects
 * that are written out are included; those that are files of their own name the test runner themselves.
 *
 * @example module.exports = withDustpan({ preset: 'ts-jest' })
 * @throws DustpanError `DUSTPAN_CONFIG_INVALID` when another test runner than jest-circus is asked for.
 */
export function withDustpan<Config extends object>(config: Config): Config {
  if (typeof config === 'function') return configured(config as () => object) as Config
  const { reporters = ['default'] } = config as JestConfig
  return { ...withRunner(config), reporters: [...reporters, pathOf('reporter')] }
}

const configured =
  (give: (...args: unknown[]) => object) =>
  async (...args: unknown[]) =>
    withDustpan(await give(...args))

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
    watchPathIgnorePatterns: [...watchPathIgnorePatterns, ledger],
    ...(all ? { projects: all } : {}),
  }
}
