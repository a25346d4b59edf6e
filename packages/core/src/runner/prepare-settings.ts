import { configFunctions } from '../config/functions.ts'
import { loadSettings } from '../config/load.ts'
import type { Settings } from '../config/settings.ts'
import { sharedLedger } from '../shared/open-shared-ledger.ts'
import { createDrivers } from '../stores/drivers.ts'
import { verifyAccess } from './verify-access.ts'

/**
 * Loads and validates the configuration, including drivers, and asks the application whether tests may run.
 * @throws DustpanError with the path of the option, what was expected and what was found; `DUSTPAN_ACCESS_DENIED`.
 */
export async function prepareSettings(cwd: string): Promise<Settings> {
  const settings = await loadSettings(cwd)
  await createDrivers(settings, configFunctions(settings.file))
  await sharedLedger(settings)
  await verifyAccess(settings)
  return settings
}
