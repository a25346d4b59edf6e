/**
 * Notes existing rows that an insert cancels: the table drops both sooner or later, so that inserting one again
 * restores an existing row.
 */
import type { CaptureSink } from '@dustpan/core/driver'
import type { Table } from '../sql/table.ts'
import type { ClientSession, Found } from './client-session.ts'
import { withoutRecorded } from './note-removed.ts'
import { noteRemoved, noteUnknown } from './removed-rows.ts'
import type { RowKeys } from './row-keys.ts'
import type { RowsBefore } from './rows-before.ts'
import { writtenKeys } from './written-keys.ts'

export const cancels = ({ engine }: Table): boolean => engine.includes('Collapsing')

/** Never throws. */
export async function noteCancelled(
  context: { readonly session: ClientSession; readonly sink: CaptureSink },
  found: Found,
  keys: RowKeys,
  before: RowsBefore,
): Promise<void> {
  const { table, store } = found
  const { columns } = keys
  if (before === 'unknown') {
    noteUnknown({ store, table: table.name })
    return
  }
  const existing = keys.byKey().filter(({ key }) => before(key) > 0)
  if (existing.length === 0) return
  try {
    const all = existing.map(({ key }) => key)
    const written = await writtenKeys({ session: context.session, table, columns }, all)
    const rows = written.map((parts) => ({ parts, rows: 1 }))
    noteRemoved({ store, table: table.name }, columns, await withoutRecorded(context, found, columns, rows))
  } catch {
    noteUnknown({ store, table: table.name })
  }
}
