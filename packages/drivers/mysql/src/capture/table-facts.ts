/** What is known of tables, for all clients of the process. */
import { clock } from '@dustpan/core/driver'
import type { Table } from '../tables.ts'

/** Another process may have emptied a table or made it anew. */
const fresh = 1_000

interface Known {
  readonly table: Table
  readonly at: number
}

const known = new Map<string, Known>()

export function factsOf(store: string, schema: string, table: string): Table | undefined {
  const found = known.get(nameOf(store, schema, table))
  return found && clock.now() - found.at < fresh ? found.table : undefined
}

/** The same table as before stays the same object, so that what is made of it is made once. */
export function learn(store: string, schema: string, name: string, table: Table): Table {
  const id = nameOf(store, schema, name)
  const before = known.get(id)?.table
  const same = before !== undefined && described(before) === described(table) ? before : table
  known.set(id, { table: same, at: clock.now() })
  return same
}

/** Whether names are those of views, by what asks once for each. */
const views = new Map<string, boolean>()

export function knownAsView(store: string, schema: string, table: string): boolean | undefined {
  return views.get(nameOf(store, schema, table))
}

export function learnView(store: string, schema: string, table: string, isView: boolean): boolean {
  views.set(nameOf(store, schema, table), isView)
  return isView
}

export function forgetFacts(): void {
  known.clear()
  views.clear()
}

/** No name has a zero byte in it. */
function nameOf(store: string, schema: string, table: string): string {
  return `${store}\0${schema}\0${table}`
}

function described({ columns, ...rest }: Table): string {
  return JSON.stringify([...columns.values(), rest])
}
