import type { StoreConnection, StoreRef } from '@dustpan/core/driver'
import { isMemoryStore } from '../identity.ts'
import { captured, connectionOf, type HowToOpen } from './connection.ts'
import { fileConnection, isThere, withoutFile } from './file-connection.ts'

/** Opens a store for removing. @throws DustpanError `DUSTPAN_WRONG_STORE`, `DUSTPAN_STORE_GONE` */
export async function openStore(store: StoreRef, how: HowToOpen): Promise<StoreConnection> {
  if (isMemoryStore(store.id)) return connectionOf(captured(store, how), how)
  return isThere(store) ? fileConnection(store, how) : withoutFile
}
