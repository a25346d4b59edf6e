/** Finds the store of manually tracked rows. */
import { DustpanError, invalidArgument, type StoreSeen } from '@dustpan/core/driver'
import { fileStore, isMemoryStore } from '../identity.ts'
import { openStores } from '../registry.ts'

/** @throws DustpanError `DUSTPAN_STORE_UNREACHABLE` where there is no file. */
export function storeIn(driver: string, path: string): StoreSeen {
  const id = fileStore(path)
  if (id !== undefined) return { id }
  throw new DustpanError('DUSTPAN_STORE_UNREACHABLE', `The database of '${driver}' is not there: no file ${path}`, {
    hint: "Create the database before the tests, or correct the driver's `file`.",
  })
}

/** Without a configured file, exactly one matching database must be open. */
export function capturedStore(driver: string, serves: (id: string) => boolean): StoreSeen {
  const [id, another] = openStores().filter(serves)
  if (id !== undefined && another === undefined) return { id, inProcess: isMemoryStore(id) }
  throw invalidArgument(
    `'${driver}' has no file, and ${id === undefined ? 'no open database was' : 'several open databases were'} captured, so the store is not known.`,
    "Name the database: sqlite({ file: 'data/shop.db' }).",
  )
}
