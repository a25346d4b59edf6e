import { configFunctions } from '../config/functions.ts'
import { loadSettings } from '../config/load.ts'
import type { Settings } from '../config/settings.ts'
import { createDrivers } from './drivers.ts'

/**
 * Finds and checks the configuration, drivers included.
 * @throws DustpanError with the path of the option, what was expected and what was found.
 */
export async function prepareSettings(cwd: string): Promise<Settings> {
  const settings = await loadSettings(cwd)
  await createDrivers(settings, configFunctions(settings.file))
  return settings
}
