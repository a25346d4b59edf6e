/** Finds and reads the configuration. Only the main process and the command line load this file. */
import { dirname, parse, resolve } from 'node:path'
import { cosmiconfig } from 'cosmiconfig'
import { DustpanError, messageOf } from '../errors/dustpan-error.ts'
import { checkConfig } from './check.ts'
import type { Settings } from './settings.ts'

const extensions = ['ts', 'mts', 'js', 'mjs', 'cjs', 'json', 'yaml', 'yml']

/**
 * The settings for a working directory: from `dustpan.config.*`, or `dustpan` in package.json, searched upwards; the defaults when there is none.
 * @throws DustpanError `DUSTPAN_CONFIG_UNREADABLE`, `DUSTPAN_CONFIG_INVALID`, `DUSTPAN_ENV_MISSING`.
 */
export async function loadSettings(cwd: string, environment: NodeJS.ProcessEnv = process.env): Promise<Settings> {
  const found = await search(cwd)
  if (!found) return defaultSettings(cwd, environment)
  return checkConfig(found.config, { root: dirname(found.filepath), file: found.filepath, environment })
}

/** The settings where there is no configuration. */
export function defaultSettings(root: string, environment: NodeJS.ProcessEnv = process.env): Settings {
  return checkConfig({}, { root, environment })
}

async function search(cwd: string) {
  const explorer = cosmiconfig('dustpan', {
    searchPlaces: ['package.json', ...extensions.map((extension) => `dustpan.config.${extension}`)],
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
