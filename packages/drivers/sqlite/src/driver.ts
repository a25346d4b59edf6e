import { existsSync } from 'node:fs'
import { type CreateDriver, type DriverContext, DustpanError, type Removal, type StoreSeen } from '@dustpan/core/driver'
import { type DeletionMode, deletionWithin } from '@dustpan/core/rows'
import { announceIn } from './application/announce-in.ts'
import { applicationLog } from './application/application-log.ts'
import { logOptions } from './application/installation.ts'
import { restoredTables } from './application/restored-tables.ts'
import { capabilities } from './capabilities.ts'
import { sqliteInstruments } from './capture/instrument.ts'
import { fileStore, isMemoryStore, pathOf, realPath } from './identity.ts'
import { metadataMigration } from './migration/metadata-migration.ts'
import { noStore } from './no-store.ts'
import { checkOptions, type Settings, type SoftDeleteColumns } from './options.ts'
import type { PredicateOptions } from './predicate/store.ts'
import { registry } from './registry.ts'
import { beyondMarking } from './removal/beyond-marking.ts'
import { type OpenFileOptions, type OpenStore, openFile } from './removal/connection.ts'
import { describe } from './removal/describe.ts'
import { capturedStore, storeIn } from './removal/find-store.ts'
import { openStore } from './removal/open-store.ts'
import { removalOf, rowArgs } from './removal/spec.ts'
import { restoreArgs } from './restore/change.ts'
import { sameName } from './tables.ts'

/** Creates the driver for one instance in the configuration. @throws DustpanError `DUSTPAN_CONFIG_INVALID` for wrong options. */
export const createDriver: CreateDriver = (name, given, ctx) => {
  const options = checkOptions(name, given, ctx.root)
  const mode = deletionIn(options, ctx)
  // Looked up by table name, which may be `constructor` or `__proto__`.
  const softDelete: SoftDelete = Object.assign(Object.create(null), mode === 'hard' ? {} : options.softDelete)
  const path = options.file === undefined || options.file === ':memory:' ? undefined : realPath(ctx.root, options.file)
  const serves = (id: string) =>
    isMemoryStore(id) ||
    (id.startsWith('sqlite:') && (options.file === undefined || (path !== undefined && pathOf(id) === path)))
  const { ignoreTables = [] } = options
  const rules = { serves: ({ id }: StoreSeen) => serves(id), ignoreTables }
  const predicate = predicateOptions(name, options, ctx)
  const openOptions = { client: options.client, root: ctx.root, softDelete, files: options.files ?? {} }
  const logged = logOptions(options, ctx.environment)
  const restores = restoredTables(options)
  if (restores && path !== undefined) registry().restored.add(path)
  const collects = options.application !== undefined && options.application !== false
  return {
    name,
    capabilities,
    ...(options.capture === false ? {} : { instruments: sqliteInstruments(rules) }),
    ...(path === undefined ? {} : { migration: metadataMigration(path, ctx.root, options.client) }),
    serves: rules.serves,
    collects,
    announce: async (store, atWork, ctx) => {
      const path = pathOf(store.id)
      // A process that runs no tests does not load a library just for this.
      if (path === undefined || atWork.writer === '' || !existsSync(path)) return false
      return announceIn(() => openExisting(name, path, openOptions), atWork, ctx)
    },
    resolves: true,
    ...(path === undefined
      ? {}
      : { application: applicationLog(path, () => openExisting(name, path, openOptions), logged) }),
    connect: (store) => openStore(store, { ...openOptions, predicate, log: collects ? logged : undefined, restores }),
    ownStore: () => (path === undefined ? undefined : fileStore(path)),
    noStore: () => noStore(options),
    removal: (spec) => ({
      removal: withSoftDelete(removalOf(name, spec), softDelete),
      store: path === undefined ? capturedStore(name, serves) : storeIn(name, path),
    }),
    typeOf: (removal) => rowArgs(removal)?.table ?? restoreArgs(removal)?.table,
    ...(mode === 'soft-only' ? { refuses: (removal) => beyondMarking(removal, softDelete, ctx.environment) } : {}),
    describe: (removal, key) => describe(removal, key, softDelete[rowArgs(removal)?.table ?? '']),
  }
}

/** A removal requested by hand may go beyond the options, but not beyond an environment in which nothing is deleted. */
function predicateOptions(driver: string, options: Settings, ctx: DriverContext): PredicateOptions {
  const { kinds = {}, owners, softDelete = {}, ignoreTables = [] } = options
  return {
    driver,
    kinds,
    owners,
    ignoreTables,
    setFor({ deletion }, { name }) {
      const mode = ctx.profile?.deletion === 'soft-only' ? 'soft-only' : (deletion ?? deletionIn(options, ctx))
      const set = Object.entries(softDelete).find(([table]) => sameName(table, name))?.[1]
      if (mode === 'hard') return undefined
      if (set === undefined && (deletion === 'soft' || mode === 'soft-only')) throw unmarkable(driver, name)
      return set
    },
  }
}

function unmarkable(driver: string, table: string): DustpanError {
  return new DustpanError(
    'DUSTPAN_CONFIG_INVALID',
    `${table} is left: its rows are only to be marked, and drivers.${driver}.options.softDelete does not say how`,
    { hint: `Add softDelete: { ${JSON.stringify(table)}: { deleted_at: 'now' } }` },
  )
}

type SoftDelete = { readonly [table: string]: SoftDeleteColumns }

function deletionIn({ deletion }: Settings, { environment, profile }: DriverContext): DeletionMode {
  return deletionWithin(profile, typeof deletion === 'object' ? deletion[environment] : deletion)
}

/** Checks first that the file exists: the libraries would create it. */
async function openExisting(driver: string, path: string, openOptions: OpenFileOptions): Promise<OpenStore> {
  storeIn(driver, path)
  return openFile(path, openOptions)
}

function withSoftDelete(removal: Removal, softDelete: SoftDelete): Removal {
  const args = rowArgs(removal)
  const set = args && softDelete[args.table]
  return set === undefined ? removal : { ...removal, op: 'soft-delete', args: { ...args, set } }
}
