/** The functions of a configuration: they cannot travel to a worker, so each process takes them from the file when it first needs one. */
import { readFileSync } from 'node:fs'
import nodeModule, { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { DustpanError, messageOf } from '../errors/dustpan-error.ts'
import type { Cleaner, ConfigFunctions } from '../resource/driver.ts'
import type { DustpanConfig } from './config.ts'
import { toRename } from './config-file.ts'

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
    const exports = requireUntouched(file) as { default?: DustpanConfig } & DustpanConfig
    return exports.default ?? exports
  } catch (cause) {
    throw new DustpanError('DUSTPAN_CONFIG_UNREADABLE', `${file} could not be read: ${messageOf(cause)}`, {
      hint:
        toRename(cause, file) ??
        'A configuration with functions (auth, cleaners, hooks) is loaded in each worker: it must run by itself, without top-level await.',
      cause,
    })
  }
}

/** As Node itself reads it: a runner's transpiler may take a module for CommonJS (Playwright's does when it was imported before). */
function requireUntouched(file: string): unknown {
  const { href } = pathToFileURL(file)
  const hooks = nodeModule.registerHooks({
    load(url, context, nextLoad) {
      if (url !== href) return nextLoad(url, context)
      return { format: context.format, source: readFileSync(file), shortCircuit: true }
    },
  })
  try {
    return createRequire(file)(file)
  } finally {
    hooks.deregister()
  }
}
