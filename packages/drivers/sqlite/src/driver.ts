import { type CreateDriver, DustpanError, type Removal, type StoreRef } from '@dustpan/core/driver'
import { openStore } from './connect.ts'
import { fileStore, isMemoryStore, pathOf, realPath } from './identity.ts'
import { instruments } from './instrument.ts'
import { checkOptions, type SoftDeleteColumns, type SqliteOptions } from './options.ts'
import { describeRemoval, removalOf, rowArgs } from './removal.ts'

const capabilities = {
  intent: 'before',
  proof: 'key-only',
  maxBatch: 10_000,
  concurrency: 1,
  atomicBatch: true,
  verify: 'free',
  transactions: true,
} as const

/** Makes the driver of one instance in the configuration. */
export const createDriver: CreateDriver = (name, given, ctx) => {
  const options = checkOptions(name, given)
  const softDelete = softDeleteIn(options, ctx.environment)
  const file = options.file === undefined || options.file === ':memory:' ? undefined : options.file
  return {
    name,
    capabilities,
    ...(options.capture === false ? {} : { instruments }),
    serves: (store) => serves(options.file, file && realPath(ctx.root, file), store.id),
    connect: (store, { signal }) => openStore(store, { client: options.client, root: ctx.root, signal, softDelete }),
    removal: (spec) => withSoftDelete(removalOf(name, spec), softDelete),
    ...(file === undefined ? {} : { defaultStore: () => storeIn(name, realPath(ctx.root, file)) }),
    describe: (removal, key) => describeRemoval(removal, key, softDelete[rowArgs(removal)?.table ?? '']),
  }
}

type SoftDelete = { readonly [table: string]: SoftDeleteColumns }

/** The soft deletes of this environment: none where rows are deleted. */
function softDeleteIn({ softDelete = {}, deletion = 'soft' }: SqliteOptions, environment: string): SoftDelete {
  const chosen = typeof deletion === 'string' ? deletion : (deletion[environment] ?? 'soft')
  return chosen === 'soft' ? softDelete : {}
}

function serves(given: string | undefined, path: string | undefined, id: string): boolean {
  if (!id.startsWith('sqlite:')) return false
  return given === undefined || (path === undefined ? isMemoryStore(id) : pathOf(id) === path)
}

function storeIn(driver: string, path: string): StoreRef {
  const id = fileStore(path)
  if (id !== undefined) return { driver, id }
  throw new DustpanError('DUSTPAN_STORE_UNREACHABLE', `The database of '${driver}' is not there: no file ${path}`, {
    hint: "Create the database before the tests, or correct the driver's `file`.",
  })
}

function withSoftDelete(removal: Removal, softDelete: SoftDelete): Removal {
  const args = rowArgs(removal)
  const set = args && softDelete[args.table]
  return set === undefined ? removal : { ...removal, op: 'soft-delete', args: { ...args, set } }
}
