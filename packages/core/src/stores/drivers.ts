/** Creates the configuration's driver instances. */
import { createCleanersDriver } from '../cleanup/cleaners-driver.ts'
import { importFrom } from '../config/import-from.ts'
import type { Settings } from '../config/settings.ts'
import { DustpanError, isDustpanError } from '../errors/dustpan-error.ts'
import { createFilesDriver } from '../files/driver.ts'
import { createHttpDriver } from '../http/driver.ts'
import type { ConfigFunctions, CreateDriver, Driver, DriverConfig } from '../resource/driver.ts'

const builtIn: ReadonlyMap<string, CreateDriver> = new Map([
  ['http', createHttpDriver],
  ['files', createFilesDriver],
  ['cleaners', createCleanersDriver],
])

/**
 * All driver instances by name.
 * @throws DustpanError `DUSTPAN_DRIVER_UNAVAILABLE` when a package is missing, `DUSTPAN_CONFIG_INVALID` when its options are wrong.
 */
export async function createDrivers(
  settings: Settings,
  functions: ConfigFunctions,
  since?: number,
): Promise<ReadonlyMap<string, Driver>> {
  const drivers = await Promise.all(settings.drivers.map((driver) => createDriver(driver, settings, functions, since)))
  return new Map(drivers.map((driver) => [driver.name, driver]))
}

/** @throws as {@link createDrivers} does. */
export async function createDriver(
  { use, name, options }: DriverConfig,
  { root, dir, file, environmentName, profile }: Settings,
  functions: ConfigFunctions,
  since?: number,
): Promise<Driver> {
  const create = builtIn.get(use) ?? (await importFrom<CreateDriver>(use, root, 'createDriver', 'driver'))
  const began = since === undefined ? {} : { since }
  try {
    return create(name, options, { root, dir, environment: environmentName, profile, functions, ...began })
  } catch (error) {
    throw withFile(error, file)
  }
}

/** Adds the configuration file to an error, as a driver knows only the path of its option. */
function withFile(error: unknown, file: string | undefined): unknown {
  if (file === undefined || !isDustpanError(error) || error.code !== 'DUSTPAN_CONFIG_INVALID') return error
  const { code, message, hint } = error
  return new DustpanError(code, `${file} is wrong: ${message}`, {
    cause: error,
    ...(hint === undefined ? {} : { hint }),
  })
}
