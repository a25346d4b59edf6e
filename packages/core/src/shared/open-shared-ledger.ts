/** Opens the shared ledger of the configuration. */

import { importFrom } from '../config/import-from.ts'
import type { Settings } from '../config/settings.ts'
import type { CreateLedger, SharedLedger } from './shared-ledger.ts'

const opened = new Map<string, Promise<SharedLedger>>()

/**
 * One instance per configuration and process: it connects at its first call, and does not keep the process alive. Undefined if none is configured.
 * @throws DustpanError `DUSTPAN_DRIVER_UNAVAILABLE`, `DUSTPAN_CONFIG_INVALID`
 */
export function sharedLedger({
  ledger,
  root,
  disabled,
}: Pick<Settings, 'ledger' | 'root' | 'disabled'>): Promise<SharedLedger | undefined> {
  if (!ledger || disabled) return Promise.resolve(undefined)
  const key = JSON.stringify([root, ledger])
  const known = opened.get(key)
  if (known) return known
  const opening = importFrom<CreateLedger>(ledger.use, root, 'createLedger', 'ledger').then((create) =>
    create(ledger.options),
  )
  opened.set(key, opening)
  return opening
}
