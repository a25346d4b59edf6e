import type { Settings } from '../config/settings.ts'

/**
 * Before the first test: removes what the setting `atStart` selects. Loads nothing if it is not set.
 * @throws DustpanError when that is refused or invalid: then no test should run.
 */
export async function sweepAtStart(settings: Settings): Promise<void> {
  if (!settings.atStart || settings.disabled) return
  const { sweep } = await import('./at-start.ts')
  await sweep(settings, settings.atStart)
}
