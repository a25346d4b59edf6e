/** Finds and reads the configuration. What that takes is loaded only where there may be one. */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, parse, resolve } from 'node:path'
import { DustpanError, messageOf } from '../errors/dustpan-error.ts'
import { defaults } from './defaults.ts'
import type { Settings } from './settings.ts'
import { settingsOf } from './settings-of.ts'

const extensions = ['ts', 'mts', 'js', 'mjs', 'cjs', 'json', 'yaml', 'yml']
const configFiles = extensions.map((extension) => `dustpan.config.${extension}`)

/**
 * The settings for a working directory: from `dustpan.config.*`, or `dustpan` in package.json, searched upwards; the defaults when there is none.
 * @throws DustpanError `DUSTPAN_CONFIG_UNREADABLE`, `DUSTPAN_CONFIG_INVALID`, `DUSTPAN_ENV_MISSING`.
 */
export async function loadSettings(cwd: string, environment: NodeJS.ProcessEnv = process.env): Promise<Settings> {
  const found = mayHaveConfig(resolve(cwd)) ? await search(cwd) : undefined
  if (!found) return defaultSettings(cwd, environment)
  const { checkConfig } = await import('./check.ts')
  return checkConfig(exported(found.config), { root: dirname(found.filepath), file: found.filepath, environment })
}

/** Transpiled to CommonJS by a runner, a module comes wrapped. */
const exported = (config: unknown): unknown => (config as { default?: unknown } | null)?.default ?? config

/** The settings where there is no configuration. */
export function defaultSettings(root: string, environment: NodeJS.ProcessEnv = process.env): Settings {
  return settingsOf(defaults, { root, environment })
}

function mayHaveConfig(folder: string): boolean {
  const here = configFiles.some((name) => existsSync(join(folder, name))) || isNamedIn(join(folder, 'package.json'))
  return here || (dirname(folder) !== folder && mayHaveConfig(dirname(folder)))
}

function isNamedIn(manifest: string): boolean {
  try {
    return readFileSync(manifest, 'utf8').includes('"dustpan"')
  } catch {
    return false
  }
}

async function search(cwd: string) {
  const { cosmiconfig } = await import('cosmiconfig')
  const explorer = cosmiconfig('dustpan', {
    searchPlaces: ['package.json', ...configFiles],
    searchStrategy: 'global',
    stopDir: parse(resolve(cwd)).root,
    cache: false,
  })
  try {
    return await explorer.search(cwd)
  } catch (cause) {
    const file = (cause as { filepath?: string }).filepath ?? 'The configuration'
    throw new DustpanError('DUSTPAN_CONFIG_UNREADABLE', `${file} could not be read: ${messageOf(cause)}`, {
      hint: 'The file must export the configuration (export default defineConfig({ … })), and run by itself.',
      cause,
    })
  }
}
