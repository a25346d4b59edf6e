/** The part of `new-store` that is called here, typed by shape: any copy of it will do. */
import { loadLibrary } from '@dustpan/core/driver'

/** To be written. */
export interface Client {
  close(): Promise<void>
}

/** @throws DustpanError `DUSTPAN_DRIVER_UNAVAILABLE` where it is missing, or of a version that is not supported */
export function loadClient(root: string): unknown {
  return loadLibrary({ name: 'new-store', range: '^1' }, root, import.meta.url)
}
