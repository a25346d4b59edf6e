/** Settings from a configuration, and folders for tests. */
import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { checkConfig } from '../src/config/check.ts'
import type { DustpanConfig } from '../src/config/config.ts'
import type { Settings } from '../src/config/settings.ts'

/** A folder that is removed after the test. */
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

/** Settings with a short retry delay. */
export function quickSettings(
  config: DustpanConfig = {},
  environment: NodeJS.ProcessEnv = {},
  root?: string,
): Settings {
  const retry = { delay: '1ms', ...config.cleanup?.retry }
  return settingsOf({ reaper: false, ...config, cleanup: { ...config.cleanup, retry } }, environment, root)
}
