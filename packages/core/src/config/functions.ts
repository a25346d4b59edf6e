/** The functions of a configuration: they cannot travel to a worker, so each process takes them from the file when it first needs one. */
import { createRequire } from 'node:module'
import { DustpanError, messageOf } from '../errors/dustpan-error.ts'
import type { Cleaner, ConfigFunctions } from '../resource/driver.ts'
import { readAsWritten } from './as-written.ts'
import type { DustpanConfig } from './config.ts'

/** Reads lazily, synchronously and natively: Node 22.18 requires TypeScript and ES modules alike. */
export function configFunctions(file: string | undefined): ConfigFunctions & { readonly config: () => DustpanConfig } {
  let loaded: DustpanConfig | undefined
  const config = () => {
    loaded ??= file !== undefined && /\.[cm]?[jt]s$/.test(file) ? requireConfig(file) : {}
    return loaded
  }
  return {
    config,
    cleaner(name): Cleaner | undefined {
      const { cleaners = {} } = config()
      return Object.hasOwn(cleaners, name) ? cleaners[name] : undefined
    },
    driverOption(driver, option) {
      const found = config().drivers?.find(({ name }) => name === driver)
      return (found?.options as Record<string, unknown> | undefined)?.[option]
    },
  }
}

function requireConfig(file: string): DustpanConfig {
  try {
    using _ = readAsWritten(file)
    const exports = createRequire(file)(file) as { default?: DustpanConfig } & DustpanConfig
    return exports.default ?? exports
  } catch (cause) {
    throw new DustpanError('DUSTPAN_CONFIG_UNREADABLE', `${file} could not be read: ${messageOf(cause)}`, {
      hint: 'A configuration with functions (auth, cleaners, hooks) is loaded in each worker: it must load on its own, without top-level await.',
      cause,
    })
  }
}
