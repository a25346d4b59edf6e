/** Plans the columns that mark rows made by tests in the configured databases; for the command line. */

import { clock } from '../clock/clock.ts'
import { configFunctions } from '../config/functions.ts'
import type { Settings } from '../config/settings.ts'
import { DustpanError } from '../errors/dustpan-error.ts'
import { guardReach } from '../planning/guard.ts'
import type { Driver } from '../resource/driver.ts'
import type { MetadataMigration, TableMigration } from '../resource/metadata-columns.ts'
import { createDrivers } from './drivers.ts'

export interface StoreMigration {
  /** The driver instance's name. */
  readonly driver: string
  /** Without secrets. */
  readonly store: string
  readonly tables: readonly TableMigration[]
}

/**
 * Plans for the named driver, else for all that support it; for the named tables, else for all. Changes nothing.
 * @throws DustpanError `DUSTPAN_UNKNOWN_DRIVER` if there is none, `DUSTPAN_CONFIG_INVALID` if marking is switched off.
 */
export async function metadataMigrations(
  settings: Settings,
  { store, tables }: { readonly store?: string | undefined; readonly tables?: readonly string[] | undefined },
): Promise<readonly StoreMigration[]> {
  const drivers = await createDrivers(settings, configFunctions(settings.file))
  const supporting = [...drivers.values()].filter(
    ({ name, migration }) => migration && (store === undefined || name === store),
  )
  if (supporting.length === 0) throw unsupported(store)
  return Promise.all(
    supporting.map((driver) => planOf(settings, driver, driver.migration as MetadataMigration, tables)),
  )
}

async function planOf(
  settings: Settings,
  driver: Driver,
  migration: MetadataMigration,
  tables: readonly string[] | undefined,
): Promise<StoreMigration> {
  const { columns } = settings.metadata
  if (columns === false) throw switchedOff()
  guardReach(settings, { driver: driver.name, id: migration.store }, driver.capabilities)
  const { timeoutMs } = settings.cleanup
  const ctx = { signal: AbortSignal.timeout(timeoutMs), deadline: clock.now() + timeoutMs }
  return { driver: driver.name, store: migration.store, tables: await migration.plan(tables, columns, ctx) }
}

function unsupported(store: string | undefined): DustpanError {
  const what =
    store === undefined ? 'The configuration has no driver' : `--store: ${JSON.stringify(store)} is not a driver`
  return new DustpanError('DUSTPAN_UNKNOWN_DRIVER', `${what} whose tables can have columns that mark rows.`, {
    hint: "One with the address of its database can: postgres({ name: 'main', url: env('DATABASE_URL') }).",
  })
}

function switchedOff(): DustpanError {
  return new DustpanError('DUSTPAN_CONFIG_INVALID', 'metadata.columns is false, so no rows are marked.', {
    hint: "Leave it out, or set it to 'auto'.",
  })
}
