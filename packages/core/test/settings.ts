/** Settings as a configuration gives them. */
import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { checkConfig } from '../src/config/check.ts'
import type { DustpanConfig } from '../src/config/config.ts'
import type { Settings } from '../src/config/settings.ts'

/** A folder for one test. */
export function scratchFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'dustpan-test-')))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }))
  return folder
}

export function settingsOf(
  config: DustpanConfig = {},
  environment: NodeJS.ProcessEnv = {},
  root = '/project',
): Settings {
  return checkConfig(config, { root, environment })
}

/** With a short delay before retries. */
export function quickSettings(
  config: DustpanConfig = {},
  environment: NodeJS.ProcessEnv = {},
  root?: string,
): Settings {
  const retry = { delay: '1ms', ...config.cleanup?.retry }
  return settingsOf({ reaper: false, ...config, cleanup: { ...config.cleanup, retry } }, environment, root)
}
