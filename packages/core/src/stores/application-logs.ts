/** The stores' own logs of what is written there, for the command line. */
import { guardRemoval } from '../cleanup/guard.ts'
import { clock } from '../clock/clock.ts'
import { configFunctions } from '../config/functions.ts'
import type { Settings } from '../config/settings.ts'
import { DustpanError } from '../errors/dustpan-error.ts'
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
  /** Touches nothing. */
  plan(act: 'install' | 'uninstall', tables?: readonly string[]): Promise<ApplicationLogPlan>
  /** As a whole, or not at all. */
  apply(plan: ApplicationLogPlan): Promise<void>
}

/**
 * The one named; else those whose driver asks for it, where there are any.
 * @throws DustpanError `DUSTPAN_UNKNOWN_DRIVER` where there is none, and what a guarded store throws when it is asked.
 */
export async function applicationLogs(settings: Settings, store?: string): Promise<readonly ConfiguredLog[]> {
  const drivers = [...(await createDrivers(settings, configFunctions(settings.file))).values()]
  const able = drivers.filter(({ name, application }) => application && (store === undefined || name === store))
  const asking = able.filter(({ collects }) => collects || store !== undefined)
  if (able.length === 0) throw unknown(drivers, store)
  return (asking.length > 0 ? asking : able).map((driver) =>
    guarded(settings, driver, driver.application as ApplicationLog),
  )
}

function guarded(settings: Settings, driver: Driver, log: ApplicationLog): ConfiguredLog {
  const within = async <T>(work: (ctx: ConnectContext) => Promise<T>): Promise<T> => {
    guardRemoval(settings, { driver: driver.name, id: log.store }, driver.capabilities)
    const ms = settings.cleanup.timeoutMs
    return work({ signal: AbortSignal.timeout(ms), deadline: clock.now() + ms })
  }
  return {
    driver: driver.name,
    store: log.store,
    status: (tables) => within((ctx) => log.status(tables, ctx)),
    plan: (act, tables) => within((ctx) => log.plan(act, tables, ctx)),
    apply: (plan) => within((ctx) => log.apply(plan, ctx)),
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
