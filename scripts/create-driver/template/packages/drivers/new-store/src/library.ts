/** The parts of `new-store` that are called, typed structurally, so that any copy of it fits. */
import { loadLibrary } from '@dustpan/core/driver'

/** To be written. */
export interface Client {
  close(): Promise<void>
}

/** @throws DustpanError `DUSTPAN_DRIVER_UNAVAILABLE` when it is missing, or its version is not supported */
export function loadClient(root: string): unknown {
  return loadLibrary({ name: 'new-store', range: '^1' }, root, import.meta.url)
}
