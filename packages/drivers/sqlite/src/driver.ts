import { type CreateDriver, DustpanError, invalidArgument, type Removal, type StoreSeen } from '@dustpan/core/driver'
import { instruments } from './capture/instrument.ts'
import { fileStore, isMemoryStore, pathOf, realPath } from './identity.ts'
import { checkOptions, type Settings, type SoftDeleteColumns } from './options.ts'
import { openStores } from './registry.ts'
import { openStore } from './removal/connect.ts'
import { describeRemoval, removalOf, rowArgs } from './removal/removal.ts'

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
  const options = checkOptions(name, given)
  const softDelete = softDeleteIn(options, ctx.environment)
  const path = options.file === undefined || options.file === ':memory:' ? undefined : realPath(ctx.root, options.file)
  const serves = (id: string) =>
    isMemoryStore(id) ||
    (id.startsWith('sqlite:') && (options.file === undefined || (path !== undefined && pathOf(id) === path)))
  return {
    name,
    capabilities,
    ...(options.capture === false ? {} : { instruments }),
    serves: ({ id }) => serves(id),
    connect: (store) => openStore(store, { client: options.client, root: ctx.root, softDelete }),
    removal: (spec) => ({
      removal: withSoftDelete(removalOf(name, spec), softDelete),
      store: path === undefined ? capturedStore(name, serves) : storeIn(name, path),
    }),
    describe: (removal, key) => describeRemoval(removal, key, softDelete[rowArgs(removal)?.table ?? '']),
  }
}

type SoftDelete = { readonly [table: string]: SoftDeleteColumns }

/** The soft deletes of this environment: none where rows are deleted. */
function softDeleteIn({ softDelete = {}, deletion = 'soft' }: Settings, environment: string): SoftDelete {
  const chosen = typeof deletion === 'string' ? deletion : (deletion[environment] ?? 'soft')
  return chosen === 'soft' ? softDelete : {}
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
