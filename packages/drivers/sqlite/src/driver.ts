import {
  type CreateDriver,
  type DeletionMode,
  type DriverContext,
  DustpanError,
  deletionWithin,
  invalidArgument,
  type Removal,
  type StoreSeen,
} from '@dustpan/core/driver'
import { applicationLog } from './application/application-log.ts'
import { wantedLog } from './application/installation.ts'
import { instruments } from './capture/instrument.ts'
import { fileStore, isMemoryStore, pathOf, realPath } from './identity.ts'
import { metadataMigration } from './migration/metadata-migration.ts'
import { checkOptions, type Settings, type SoftDeleteColumns } from './options.ts'
import type { PredicateOptions } from './predicate/store.ts'
import { openStores } from './registry.ts'
import { beyondMarking } from './removal/beyond-marking.ts'
import { type HowToOpenFile, type OpenStore, openFile, openStore } from './removal/connect.ts'
import { describeRemoval, removalOf, rowArgs } from './removal/removal.ts'
import { sameName } from './tables.ts'

const capabilities = {
  intent: 'before',
  proof: 'key-only',
  maxBatch: 10_000,
  concurrency: 1,
  atomicBatch: true,
  verify: 'free',
  transactions: true,
} as const

/** Makes the driver of one instance in the configuration. @throws DustpanError `DUSTPAN_CONFIG_INVALID` on wrong options. */
export const createDriver: CreateDriver = (name, given, ctx) => {
  const options = checkOptions(name, given, ctx.root)
  const mode = deletionIn(options, ctx)
  const softDelete = mode === 'hard' ? {} : (options.softDelete ?? {})
  const path = options.file === undefined || options.file === ':memory:' ? undefined : realPath(ctx.root, options.file)
  const serves = (id: string) =>
    isMemoryStore(id) ||
    (id.startsWith('sqlite:') && (options.file === undefined || (path !== undefined && pathOf(id) === path)))
  const predicate = predicateOptions(name, options, ctx)
  const how = { client: options.client, root: ctx.root, softDelete, files: options.files ?? {} }
  const logged = wantedLog(options, ctx.environment)
  const collects = options.application !== undefined && options.application !== false
  return {
    name,
    capabilities,
    ...(options.capture === false ? {} : { instruments }),
    ...(path === undefined ? {} : { migration: metadataMigration(path, ctx.root, options.client) }),
    serves: ({ id }) => serves(id),
    collects,
    ...(path === undefined ? {} : { application: applicationLog(path, () => openExisting(name, path, how), logged) }),
    connect: (store) => openStore(store, { ...how, predicate, log: collects ? logged : undefined }),
    ownStore: () => (path === undefined ? undefined : fileStore(path)),
    removal: (spec) => ({
      removal: withSoftDelete(removalOf(name, spec), softDelete),
      store: path === undefined ? capturedStore(name, serves) : storeIn(name, path),
    }),
    typeOf: (removal) => rowArgs(removal)?.table,
    ...(mode === 'soft-only' ? { refuses: (removal) => beyondMarking(removal, softDelete, ctx.environment) } : {}),
    describe: (removal, key) => describeRemoval(removal, key, softDelete[rowArgs(removal)?.table ?? '']),
  }
}

/** What is asked for by hand goes beyond the options, though not beyond an environment in which nothing is deleted. */
function predicateOptions(driver: string, options: Settings, ctx: DriverContext): PredicateOptions {
  const { kinds = {}, owners, softDelete = {} } = options
  return {
    driver,
    kinds,
    owners,
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

/** A library would make a file that is not there. */
async function openExisting(driver: string, path: string, how: HowToOpenFile): Promise<OpenStore> {
  storeIn(driver, path)
  return openFile(path, how)
}

function storeIn(driver: string, path: string): StoreSeen {
  const id = fileStore(path)
  if (id !== undefined) return { id }
  throw new DustpanError('DUSTPAN_STORE_UNREACHABLE', `The database of '${driver}' is not there: no file ${path}`, {
    hint: "Create the database before the tests, or correct the driver's `file`.",
  })
}

/** Without a file in the configuration, there must be one open database that can be meant. */
function capturedStore(driver: string, serves: (id: string) => boolean): StoreSeen {
  const [id, another] = openStores().filter(serves)
  if (id !== undefined && another === undefined) return { id, inProcess: isMemoryStore(id) }
  throw invalidArgument(
    `'${driver}' has no file, and ${id === undefined ? 'no open database was' : 'several open databases were'} captured, so the store is not known.`,
    "Name the database: sqlite({ file: 'data/shop.db' }).",
  )
}

function withSoftDelete(removal: Removal, softDelete: SoftDelete): Removal {
  const args = rowArgs(removal)
  const set = args && softDelete[args.table]
  return set === undefined ? removal : { ...removal, op: 'soft-delete', args: { ...args, set } }
}
