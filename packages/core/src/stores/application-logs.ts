/** The stores' own write logs, for the command line. */

import { clock } from '../clock/clock.ts'
import { configFunctions } from '../config/functions.ts'
import type { Settings } from '../config/settings.ts'
import { DustpanError } from '../errors/dustpan-error.ts'
import { guardRemoval } from '../planning/guard.ts'
import type { ApplicationLog, ApplicationLogPlan, ApplicationLogStatus } from '../resource/application.ts'
import type { ConnectContext } from '../resource/connection.ts'
import type { Driver } from '../resource/driver.ts'
import { createDrivers } from './drivers.ts'

export interface ConfiguredLog {
  /** The driver instance's name. */
  readonly driver: string
  /** Without secrets: host, port, database. */
  readonly store: string
  status(tables?: readonly string[]): Promise<ApplicationLogStatus>
  /** Changes nothing. */
  plan(act: 'install' | 'uninstall', tables?: readonly string[]): Promise<ApplicationLogPlan>
  /** Applies the plan completely, or not at all. */
  apply(plan: ApplicationLogPlan): Promise<void>
}

/**
 * The named store's log; else the logs that drivers are configured to collect, or all logs if none is.
 * @throws DustpanError `DUSTPAN_UNKNOWN_DRIVER` if there is none, and what a guarded store throws when it is queried.
 */
export async function applicationLogs(settings: Settings, store?: string): Promise<readonly ConfiguredLog[]> {
  const drivers = [...(await createDrivers(settings, configFunctions(settings.file))).values()]
  const supporting = drivers.filter(({ name, application }) => application && (store === undefined || name === store))
  const collecting = supporting.filter(({ collects }) => collects || store !== undefined)
  if (supporting.length === 0) throw unknown(drivers, store)
  return (collecting.length > 0 ? collecting : supporting).map((driver) =>
    guarded(settings, driver, driver.application as ApplicationLog),
  )
}

function guarded(settings: Settings, driver: Driver, log: ApplicationLog): ConfiguredLog {
  const withTimeout = async <T>(work: (ctx: ConnectContext) => Promise<T>): Promise<T> => {
    guardRemoval(settings, { driver: driver.name, id: log.store }, driver.capabilities)
    const ms = settings.cleanup.timeoutMs
    return work({ signal: AbortSignal.timeout(ms), deadline: clock.now() + ms })
  }
  return {
    driver: driver.name,
    store: log.store,
    status: (tables) => withTimeout((ctx) => log.status(tables, ctx)),
    plan: (act, tables) => withTimeout((ctx) => log.plan(act, tables, ctx)),
    apply: (plan) => withTimeout((ctx) => log.apply(plan, ctx)),
  }
}

function unknown(drivers: readonly Driver[], store: string | undefined): DustpanError {
  const what =
    store === undefined
      ? 'The configuration has no driver'
      : `--store: ${JSON.stringify(store)} is not a driver in the configuration`
  const names = drivers.filter(({ application }) => application).map(({ name }) => name)
  return new DustpanError('DUSTPAN_UNKNOWN_DRIVER', `${what} that can log what the application writes.`, {
    hint:
      names.length > 0
        ? `These can: ${names.join(', ')}.`
        : "Add one: postgres({ name: 'main', url: env('DATABASE_URL'), application: true }), or sqlite({ name: 'main', file: 'shop.db', application: true }).",
  })
}
