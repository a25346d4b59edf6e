import type { StoreConnection, StoreRef } from '@dustpan/core/driver'
import { isMemoryStore } from '../identity.ts'
import { captured, connectionOf, type OpenOptions } from './connection.ts'
import { fileConnection, isThere, withoutFile } from './file-connection.ts'

/** Opens a store for removing. @throws DustpanError `DUSTPAN_WRONG_STORE`, `DUSTPAN_STORE_GONE` */
export async function openStore(store: StoreRef, options: OpenOptions): Promise<StoreConnection> {
  if (isMemoryStore(store.id)) return connectionOf(captured(store, options), options)
  return isThere(store) ? fileConnection(store, options) : withoutFile
}
