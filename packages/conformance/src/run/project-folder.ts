/** Creates a folder with a configuration and an installed driver. */
import { mkdirSync, mkdtempSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export type Config = { readonly [option: string]: unknown }

export function projectFolder(use: string, config: Config): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'dustpan-conformance-')))
  mkdirSync(join(folder, 'node_modules', '@dustpan'), { recursive: true })
  symlinkSync(folderOf(use), join(folder, 'node_modules', use))
  configure(folder, config)
  return folder
}

/** The folder of a driver's package. */
export const folderOf = (use: string): string =>
  join(import.meta.dirname, '../../../drivers', use.replace('@dustpan/', ''))

export function configure(folder: string, config: Config): void {
  const cleanup = { retry: { attempts: 3, delay: '20ms' }, timeout: '60s', ...(config.cleanup ?? {}) }
  writeFileSync(join(folder, 'dustpan.config.json'), JSON.stringify({ environment: 'test', ...config, cleanup }))
}
