/** Transactions that are sent command by command: what follows MULTI is not known beforehand, and no lookup may come between. */
import type { CaptureSink } from '@dustpan/core/driver'
import { ruleFor } from '../commands.ts'

/** Connections on which MULTI was sent alone. */
const open = new WeakSet<object>()

export const openTransactions = {
  begin: (connection: object) => void open.add(connection),
  end: (connection: object) => void open.delete(connection),
  has: (connection: object): boolean => open.has(connection),
}

export function warnOfOpenTransaction(sink: CaptureSink, name: string): void {
  const rule = ruleFor(name, [])
  if (typeof rule === 'string' || !rule.creates) return
  sink.warn(
    'DUSTPAN_KEY_UNATTRIBUTED',
    'MULTI',
    'Keys created in a transaction that is sent command by command (a plain MULTI, or multi({ pipeline: false })) are not tracked: use multi() … exec(), or call track() for the keys.',
  )
}
