/** Resolves intents of processes that died before they recorded the outcome, by the run's mark in the rows. */
import { type CreatedSet, isDustpanError, mostFound, type Resolved, type ResolveRequest } from '@dustpan/core/driver'
import { kindOfRun } from '@dustpan/core/rows'
import { createdSets } from '../capture/created-sets.ts'
import { keysOfRows } from '../predicate/matching.ts'
import type { PredicateOptions } from '../predicate/store.ts'
import { findTable, readTables, sameName, type Table } from '../tables.ts'
import type { OpenStore } from './connection.ts'

export function resolve(open: OpenStore, options: PredicateOptions, request: ResolveRequest): Resolved {
  const tables = readTables(open.client)
  const found = new Map<string, readonly CreatedSet[]>()
  for (const type of new Set(request.intents.map(({ type }) => type))) {
    const table = findTable(tables, open.schema, type)
    const sets = table && table.key.length > 0 ? rowsOf(open, options, table, request) : undefined
    if (sets) found.set(type, sets)
  }
  // The dead process's locks and uncommitted changes are gone.
  const ended = request.intents.filter(({ dead }) => dead).map(({ intent }) => [intent, 'over'] as const)
  return { ends: new Map(ended), found }
}

/** Undefined: unknown. */
function rowsOf(
  { client }: OpenStore,
  { setFor }: PredicateOptions,
  table: Table,
  { run, columns, isKnown }: ResolveRequest,
): readonly CreatedSet[] | undefined {
  const column = [...table.columns.keys()].find((name) => sameName(name, columns.run))
  if (column === undefined) return undefined
  try {
    const marked = kindOfRun(table, { type: table.name, column, run }, setFor)
    const keys = keysOfRows(client, marked, undefined, mostFound + 1)
    if (keys.length > mostFound) return undefined
    const unknown = keys.filter(({ json }) => !isKnown(table.name, json))
    return createdSets(client, table, unknown, { run, columns }).filter(({ proof }) => proof.strength === 'exact')
  } catch (error) {
    if (isDustpanError(error)) return undefined
    throw error
  }
}
