/**
 * Tables and views that this process created. Rows that an INSERT … SELECT reads from an older table and writes into such a
 * table may be the older table's rows, moved: it is then dropped, or its rows are deleted.
 */
import { type StoreSeen, withoutIdentity } from '@dustpan/core/driver'
import type { SessionCapture } from '../capture/session-capture.ts'
import type { TableFacts } from '../rewriting/table-facts.ts'
import type { Analysis, Statement, TableReference } from '../sql/statement.ts'

interface Made {
  /** As statements named it. */
  readonly name: TableReference
  /** The name may mean another table by now: rows read from it may be older. */
  readonly isDoubted: boolean
}

/** By the address of the database, as the rest is not always known, and by name. */
const made = new Map<string, Map<string, Made>>()

/** Notes the tables that a completed statement created, renamed or dropped. `existed`: its table was there already. */
export function noteMade(store: StoreSeen, { makes, renames, truncates }: Statement, existed: boolean): void {
  if (!makes && made.size === 0) return
  const tables = madeIn(store) ?? new Map<string, Made>()
  if (makes && !existed) {
    const { table, reads } = makes
    if (!reads.every((read) => isMadeAs(tables, read))) forget(tables, table)
    else made.set(withoutIdentity(store.id), tables.set(table.id, { name: table, isDoubted: false }))
  }
  if (renames) noteRenamed(tables, renames)
  if (truncates?.drops) for (const table of truncates.tables) forget(tables, table)
}

function noteRenamed(tables: Map<string, Made>, { from, to }: NonNullable<Statement['renames']>): void {
  const own = tables.get(from.id)
  const [likely] = [...tables.values()].filter(({ name }) => mayBeSame(name, from))
  forget(tables, from)
  forget(tables, to)
  if (own ?? likely) tables.set(to.id, { name: to, isDoubted: own?.isDoubted ?? true })
}

/** The name means another table now, or none; with a schema in one of the names only, perhaps. */
function forget(tables: Map<string, Made>, table: TableReference): void {
  tables.delete(table.id)
  for (const [id, { name }] of tables) if (mayBeSame(name, table)) tables.set(id, { name, isDoubted: true })
}

const mayBeSame = (one: TableReference, other: TableReference): boolean =>
  one.table === other.table && (one.schema === undefined || other.schema === undefined || one.schema === other.schema)

/** The names whose facts tell whether the tables that an INSERT … SELECT reads are ones that this process created. */
export function namesToCompare(store: StoreSeen, { statements }: Analysis): readonly TableReference[] {
  const tables = madeIn(store)
  if (!tables) return []
  return statements.flatMap(({ writes, reads = [] }) => {
    const named = reads.length > 0 ? [...reads, ...writes.map(({ table }) => table)] : []
    const all = named.flatMap((name) => {
      const same = [...tables.values()].filter((one) => one.name.id !== name.id && mayBeSame(one.name, name))
      return same.length > 0 ? [name, ...same.map((one) => one.name)] : []
    })
    return [...new Map(all.map((name) => [name.id, name])).values()]
  })
}

/** Whether rows that a statement writes into a table may be moved from an older one. */
export function mayBeMoved(capture: SessionCapture, facts: TableFacts, { reads = [] }: Statement): boolean {
  const tables = reads.length > 0 && madeIn(capture.storeOrAddress)
  if (!tables) return false
  const isMade = [...tables.values()].some(
    ({ name }) => name.table === facts.table && (capture.table(name)?.oid ?? facts.oid) === facts.oid,
  )
  return isMade && !reads.every((read) => isMadeAs(tables, read) || isMadeUnderOtherName(tables, read, capture))
}

const madeIn = ({ id }: StoreSeen) => made.get(withoutIdentity(id))

const isMadeAs = (tables: ReadonlyMap<string, Made>, { id }: TableReference): boolean =>
  tables.get(id)?.isDoubted === false

function isMadeUnderOtherName(
  tables: ReadonlyMap<string, Made>,
  read: TableReference,
  capture: SessionCapture,
): boolean {
  const oid = capture.table(read)?.oid
  if (oid === undefined) return false
  return [...tables.values()].some(({ name, isDoubted }) => !isDoubted && capture.table(name)?.oid === oid)
}
