/** Examines the configured stores one by one, so that an error in one does not hide the others; for the command line. */

import { clock } from '../clock/clock.ts'
import { configFunctions } from '../config/functions.ts'
import type { Settings } from '../config/settings.ts'
import { guardReach, guardStore } from '../planning/guard.ts'
import type { ApplicationLogStatus } from '../resource/application.ts'
import type { ConnectContext, StoreCondition, StoreConnection } from '../resource/connection.ts'
import type { Driver, NoStore } from '../resource/driver.ts'
import { createDriver } from './drivers.ts'

export interface ConfiguredStore {
  /** The driver instance's name. */
  readonly driver: string
  /**
   * The store that its settings point to, without secrets; undefined: they name none. @throws DustpanError
   * if its package or its options are wrong.
   */
  store(): Promise<string | undefined>
  /** Why they name none; undefined: it needs none. */
  noStore(): Promise<NoStore | undefined>
  /**
   * Connects, queries the store, and disconnects. Omits what the driver cannot determine. Changes nothing.
   * @throws DustpanError `DUSTPAN_HOST_REFUSED`, `DUSTPAN_PROFILE_REFUSED` before connecting; what the driver throws.
   */
  examine(signal: AbortSignal): Promise<Partial<StoreCondition>>
  /** The status of its log of the application's writes; undefined: not collected. */
  log(signal: AbortSignal): Promise<ApplicationLogStatus | undefined>
}

export function configuredStores(settings: Settings): readonly ConfiguredStore[] {
  const functions = configFunctions(settings.file)
  return settings.drivers.map((config) => {
    let created: Promise<Driver> | undefined
    const driver = () => {
      created ??= createDriver(config, settings, functions)
      return created
    }
    return {
      driver: config.name,
      store: async () => (await driver()).ownStore?.(),
      noStore: async () => noStore(await driver()),
      examine: async (signal) => examine(await driver(), settings, signal),
      log: async (signal) => logOf(await driver(), signal),
    }
  })
}

function noStore(driver: Driver): NoStore | undefined {
  if (!driver.ownStore) return undefined
  return driver.noStore ? driver.noStore() : noAddress
}

const noAddress: NoStore = {
  problem: 'no address: leftovers of killed tests cannot be removed',
  fix: 'Set its address in the configuration, with env(…).',
}

async function examine(driver: Driver, settings: Settings, signal: AbortSignal): Promise<Partial<StoreCondition>> {
  const id = driver.ownStore?.()
  if (id === undefined) return {}
  const store = { driver: driver.name, id }
  guardReach(settings, store, driver.capabilities)
  const guard = (address: string) => guardStore(settings, { ...store, id: address })
  await using connection: StoreConnection = await driver.connect(store, { ...contextFor(signal), guard })
  if (connection.examine) return await connection.examine({ signal })
  return connection.store === undefined ? {} : { store: connection.store }
}

async function logOf(
  { collects, application }: Driver,
  signal: AbortSignal,
): Promise<ApplicationLogStatus | undefined> {
  return collects && application ? application.status(undefined, contextFor(signal)) : undefined
}

/** The deadline is far away, as the signal ends the call. */
const contextFor = (signal: AbortSignal): ConnectContext => ({ signal, deadline: clock.now() + 24 * 3_600_000 })
