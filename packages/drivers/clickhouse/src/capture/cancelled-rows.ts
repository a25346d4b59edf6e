/** Existing rows that an insert cancels: the table drops both, sooner or later, and who inserts them again puts back what was there. */
import type { CaptureSink } from '@dustpan/core/driver'
import type { Table } from '../sql/table.ts'
import type { ClientSession, Found } from './client-session.ts'
import { withoutOwn } from './note-taken.ts'
import type { RowKeys } from './row-keys.ts'
import type { RowsBefore } from './rows-before.ts'
import { noteTaken, noteUnknown } from './taken-rows.ts'
import { writtenKeys } from './written-keys.ts'

export const cancels = ({ engine }: Table): boolean => engine.includes('Collapsing')

/** Never throws. */
export async function noteCancelled(
  asked: { readonly session: ClientSession; readonly sink: CaptureSink },
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
    const written = await writtenKeys({ session: asked.session, table, columns }, all)
    const rows = written.map((parts) => ({ parts, rows: 1 }))
    noteTaken({ store, table: table.name }, columns, await withoutOwn(asked, found, columns, rows))
  } catch {
    noteUnknown({ store, table: table.name })
  }
}
