/** Functions of the configuration. They cannot be sent to a worker, so each process loads them from the file when it first needs one. */
import { createRequire } from 'node:module'
import { DustpanError, messageOf } from '../errors/dustpan-error.ts'
import type { Cleaner, ConfigFunctions } from '../resource/driver.ts'
import { readAsWritten } from './as-written.ts'
import type { DustpanConfig } from './config.ts'

/** Loads lazily and synchronously, with Node's own loader: since 22.18 it requires both TypeScript and ES modules. */
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
