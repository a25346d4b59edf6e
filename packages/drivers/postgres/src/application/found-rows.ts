/** What the log's lines come to, table by table: nothing is asked here. */
import { changedRows } from '@dustpan/core/driver'
import { type ChangedRows, lookBackSql } from './changed-sets.ts'
import type { LogLine } from './log-lines.ts'
import type { LoggedRelation } from './logged-tables.ts'
import { netRows } from './net-rows.ts'
import { type LoggedRows, needsLook } from './present-rows.ts'
import type { RestoresTable } from './restored-tables.ts'
import { isWhole, type TableLines } from './uncertain-rows.ts'

/**
 * A text that is JSON was logged as what it says, so that `"5"` is the row 5 by its line. And what other columns named than those that are
 * the primary key today is another row by these, or none.
 */
export function withKeyOfToday(line: LogLine, relations: ReadonlyMap<number, LoggedRelation>): LogLine {
  const { key, keyOf = [], rel, tx } = line
  const { key: today, altered } = relations.get(rel) ?? {}
  if (key === null || today === undefined) return line
  if (line.here && tx !== undefined && tx <= (altered ?? 0))
    return { ...line, ...unnamed, trouble: 'a column of its primary key was altered since' }
  const isSame = keyOf.join('\0') === today.map(({ name }) => name).join('\0')
  const isJson = today.some(({ type }) => type === 'jsonb')
  if (isSame && !isJson) return line
  return {
    ...line,
    ...unnamed,
    trouble: isSame ? 'its primary key is JSON' : 'its primary key was another one',
  }
}

const unnamed = { key: null, keyNow: null }

/** What is asked of the tables themselves, and what the log is told of them. */
export function looksAt({ rows, changed }: Found) {
  return { looks: rows.filter(needsLook), looksBack: changed.flatMap(lookBackSql) }
}

export interface Found {
  readonly rows: readonly LoggedRows[]
  readonly changed: readonly ChangedRows[]
}

/** By table, a partition's rows being its parent's. */
export function byTable(
  lines: readonly LogLine[],
  relations: ReadonlyMap<number, LoggedRelation>,
): readonly TableLines[] {
  const tables = new Map([...relations.values()].map((relation) => [relation.oid, relation]))
  return [...Map.groupBy(lines, ({ rel }) => relations.get(rel)?.oid)].flatMap(([oid = 0, its]) => {
    const relation = tables.get(oid)
    return relation ? [{ relation, lines: its }] : []
  })
}

export const foundIn = (tables: readonly TableLines[], restores: RestoresTable): Found => ({
  rows: loggedRows(tables),
  changed: restores ? changedIn(tables, restores) : [],
})

function loggedRows(tables: readonly TableLines[]): readonly LoggedRows[] {
  return tables.flatMap(({ relation, lines }) => {
    const rows = netRows(lines, relation.keys).filter(({ key, line }) => line.here && isWhole(key, relation))
    return rows.length > 0 ? [{ relation, rows }] : []
  })
}

function changedIn(tables: readonly TableLines[], restores: NonNullable<RestoresTable>): readonly ChangedRows[] {
  return tables.flatMap(({ relation, lines }) => {
    if (!restores(relation)) return []
    const changes = changedRows(lines).filter(({ first }) => isWhole(first.key ?? [], relation))
    return changes.length > 0 ? [{ relation, changes }] : []
  })
}

/** Lines stay, settled, as long as what others wrote to the same rows is not: only the order of both tells whose a row is. */
export function touchedByOthers(lines: readonly LogLine[]): (line: LogLine) => boolean {
  const others = new Set(
    lines.flatMap(({ mine, settled, key, keyNow }) =>
      mine || settled ? [] : [JSON.stringify(key), ...(keyNow ? [JSON.stringify(keyNow)] : [])],
    ),
  )
  return ({ key, keyNow }) => others.has(JSON.stringify(key)) || (keyNow !== null && others.has(JSON.stringify(keyNow)))
}
