/** The stores that a configuration leads to, one by one, so that one that is wrong hides no other; for the command line. */
import { guardReach, guardStore } from '../cleanup/guard.ts'
import { clock } from '../clock/clock.ts'
import { configFunctions } from '../config/functions.ts'
import type { Settings } from '../config/settings.ts'
import type { ApplicationLogStatus } from '../resource/application.ts'
import type { ConnectContext, StoreCondition, StoreConnection } from '../resource/connection.ts'
import type { Driver } from '../resource/driver.ts'
import { createDriver } from './drivers.ts'

export interface ConfiguredStore {
  /** The driver instance's name. */
  readonly driver: string
  /** Its package, or which built-in one it is. */
  readonly use: string
  readonly options: unknown
  /** The store that its settings lead to, without secrets; undefined: they name none. @throws DustpanError where its package or its options are wrong. */
  store(): Promise<string | undefined>
  /**
   * Connects, asks, and disconnects. What a driver cannot tell is left out. Changes nothing.
   * @throws DustpanError `DUSTPAN_HOST_REFUSED`, `DUSTPAN_PROFILE_REFUSED` before it is connected to; what the driver throws.
   */
  examine(signal: AbortSignal): Promise<Partial<StoreCondition>>
  /** Of its log of what the application writes; undefined: none is asked for. */
  log(signal: AbortSignal): Promise<ApplicationLogStatus | undefined>
}

export function configuredStores(settings: Settings): readonly ConfiguredStore[] {
  const functions = configFunctions(settings.file)
  return settings.drivers.map((config) => {
    let made: Promise<Driver> | undefined
    const driver = () => {
      made ??= createDriver(config, settings, functions)
      return made
    }
    return {
      driver: config.name,
      use: config.use,
      options: config.options ?? {},
      store: async () => (await driver()).ownStore?.(),
      examine: async (signal) => examine(await driver(), settings, signal),
      log: async (signal) => logOf(await driver(), signal),
    }
  })
}

async function examine(driver: Driver, settings: Settings, signal: AbortSignal): Promise<Partial<StoreCondition>> {
  const id = driver.ownStore?.()
  if (id === undefined) return {}
  const store = { driver: driver.name, id }
  guardReach(settings, store, driver.capabilities)
  const guard = (address: string) => guardStore(settings, { ...store, id: address })
  await using connection: StoreConnection = await driver.connect(store, { ...within(signal), guard })
  if (connection.examine) return await connection.examine({ signal })
  return connection.store === undefined ? {} : { store: connection.store }
}

async function logOf(
  { collects, application }: Driver,
  signal: AbortSignal,
): Promise<ApplicationLogStatus | undefined> {
  return collects && application ? application.status(undefined, within(signal)) : undefined
}

/** As far as drivers look at it: the signal says when it is over. */
const within = (signal: AbortSignal): ConnectContext => ({ signal, deadline: clock.now() + 24 * 3_600_000 })
