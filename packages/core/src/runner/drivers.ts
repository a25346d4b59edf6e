/** Makes the configuration's driver instances. */
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { createCleanersDriver } from '../cleanup/cleaners-driver.ts'
import type { Settings } from '../config/settings.ts'
import { DustpanError, isDustpanError, messageOf } from '../errors/dustpan-error.ts'
import { createFilesDriver } from '../files/driver.ts'
import { createHttpDriver } from '../http/driver.ts'
import type { ConfigFunctions, CreateDriver, Driver, DriverConfig } from '../resource/driver.ts'

const builtIn: ReadonlyMap<string, CreateDriver> = new Map([
  ['http', createHttpDriver],
  ['files', createFilesDriver],
  ['cleaners', createCleanersDriver],
])

/**
 * Every driver instance by name.
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
  { root, environmentName, profile }: Settings,
  functions: ConfigFunctions,
  since?: number,
): Promise<Driver> {
  const create = builtIn.get(use) ?? (await loadCreateDriver(use, root))
  const began = since === undefined ? {} : { since }
  return create(name, options, { root, environment: environmentName, profile, functions, ...began })
}

async function loadCreateDriver(use: string, root: string): Promise<CreateDriver> {
  const module = await importFrom(use, root)
  if (typeof module.createDriver === 'function') return module.createDriver as CreateDriver
  throw new DustpanError(
    'DUSTPAN_DRIVER_UNAVAILABLE',
    `${JSON.stringify(use)} is no Dustpan driver: it exports no createDriver.`,
    {
      hint: 'Check `use` in the configuration.',
    },
  )
}

async function importFrom(use: string, root: string): Promise<Record<string, unknown>> {
  try {
    return (await import(pathToFileURL(createRequire(join(root, 'package.json')).resolve(use)).href)) as Record<
      string,
      unknown
    >
  } catch (cause) {
    if (isDustpanError(cause)) throw cause
    throw new DustpanError(
      'DUSTPAN_DRIVER_UNAVAILABLE',
      `The driver ${JSON.stringify(use)} could not be loaded from ${root}: ${messageOf(cause)}`,
      {
        hint: `Install it: npm install --save-dev ${use}`,
        cause,
      },
    )
  }
}
