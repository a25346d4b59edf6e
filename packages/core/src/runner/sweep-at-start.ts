import type { Settings } from '../config/settings.ts'

/**
 * Before the first test: removes what the configuration's `atStart` says. Nothing of it is loaded where it says nothing.
 * @throws DustpanError when something of it is refused, or wrong: no test should begin.
 */
export async function sweepAtStart(settings: Settings): Promise<void> {
  if (!settings.atStart || settings.disabled) return
  const { sweep } = await import('./at-start.ts')
  await sweep(settings, settings.atStart)
}
