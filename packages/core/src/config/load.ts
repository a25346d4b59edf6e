/** Finds and reads the configuration. Parsers are loaded only if there may be one. */
import { readFileSync } from 'node:fs'
import { dirname, join, parse, resolve } from 'node:path'
import type { Loader } from 'cosmiconfig'
import { readAsWritten } from './as-written.ts'
import { noteRead } from './changed.ts'
import { checkIgnored, checkOtherNames, configFiles, nearestFiles, unreadable } from './config-file.ts'
import { defaults } from './defaults.ts'
import type { Settings } from './settings.ts'
import { settingsOf } from './settings-of.ts'

/**
 * The settings for a working directory: from `dustpan.config.*`, or `dustpan` in package.json, searched upwards; otherwise the defaults.
 * @throws DustpanError `DUSTPAN_CONFIG_UNREADABLE`, `DUSTPAN_CONFIG_INVALID`, `DUSTPAN_ENV_MISSING`.
 */
export async function loadSettings(cwd: string, environment: NodeJS.ProcessEnv = process.env): Promise<Settings> {
  const near = nearestFiles(resolve(cwd))
  const found = near.length > 0 || isInManifest(resolve(cwd)) ? await search(cwd) : undefined
  checkIgnored(found?.filepath, near)
  checkOtherNames(resolve(cwd), found ? dirname(found.filepath) : undefined)
  if (!found) return defaultSettings(cwd, environment)
  noteRead(found.filepath)
  const { checkConfig } = await import('./check.ts')
  return checkConfig(exported(found.config), { root: dirname(found.filepath), file: found.filepath, environment })
}

/** A runner's transpiler turns a module into CommonJS, with the configuration wrapped in `default`. */
const exported = (config: unknown): unknown => (config as { default?: unknown } | null)?.default ?? config

/** The settings without a configuration. */
export function defaultSettings(root: string, environment: NodeJS.ProcessEnv = process.env): Settings {
  return settingsOf(defaults, { root, environment })
}

/** Whether a package.json in this folder, or above it, may hold the configuration. */
function isInManifest(folder: string): boolean {
  return isNamedIn(join(folder, 'package.json')) || (dirname(folder) !== folder && isInManifest(dirname(folder)))
}

function isNamedIn(manifest: string): boolean {
  try {
    return readFileSync(manifest, 'utf8').includes('"dustpan"')
  } catch {
    return false
  }
}

async function search(cwd: string) {
  const { cosmiconfig, defaultLoaders } = await import('cosmiconfig')
  const asWritten: Loader = async (file, content) => {
    using _ = readAsWritten(file)
    return await defaultLoaders['.js'](file, content)
  }
  const explorer = cosmiconfig('dustpan', {
    searchPlaces: ['package.json', ...configFiles],
    searchStrategy: 'global',
    stopDir: parse(resolve(cwd)).root,
    loaders: { '.ts': asWritten, '.js': asWritten },
    cache: false,
  })
  return await explorer.search(cwd).catch(unreadable)
}
