/** Targets, by the table and what tells their rows from others. */
import { alreadyGone, each, failedWith, type Json, type Outcomes, type Target } from '@dustpan/core/driver'
import type { SoftDeleteColumns } from '../options.ts'
import { nameParts } from '../sql/quote.ts'
import type { How, Server } from '../sql/server.ts'
import { canDelete, readTable, type Table, tableWithUuid } from '../sql/table.ts'
import { amongLiterals, keyLiteral, matching, partsOf } from '../sql/where.ts'
import { countsOf, type Placed, rowsOfLongerKeys } from './counts.ts'
import { cannotDelete, failed } from './outcomes.ts'
import { type SoftDeletion, unmarked } from './soft-deletion.ts'
import { type RowArgs, rowArgs } from './spec.ts'

export interface Batch {
  readonly table: Table
  readonly columns: readonly string[]
  readonly match: { readonly [column: string]: Json }
  /** Rows of each key; `any`: they cannot be counted. */
  readonly rows: number | 'any'
  /** Columns to set instead of deleting. */
  readonly set: SoftDeleteColumns | undefined
  /** What else a row must be. */
  readonly also?: string
  readonly keys: readonly KeyTargets[]
}

/** Whoever has recorded a row with this key. */
export interface KeyTargets {
  readonly key: Json
  /** As it stands in statements. */
  readonly literal: string
  readonly targets: readonly Target[]
  /** Rows that were there before, and of which no record says whose they are. */
  readonly strangers?: number
}

export interface Sorted {
  readonly batches: readonly Batch[]
  /** What cannot be looked for. */
  readonly aside: Outcomes
}

export async function sortTargets(
  server: Server,
  database: string,
  targets: readonly Target[],
  softly: SoftDeletion,
  how: How,
): Promise<Sorted> {
  const aside: Outcomes = new Map()
  const put = (outcomes: Outcomes) => {
    for (const [id, outcome] of outcomes) aside.set(id, outcome)
  }
  const batches: Batch[] = []
  for (const [name, ofTable] of Map.groupBy(targets, (target) => rowArgs(target.removal)?.table ?? '')) {
    const [first = '', second] = nameParts(name) ?? [name]
    const inDatabase = second === undefined ? database : first
    const named = await readTable(server, inDatabase, second ?? first, how)
    const sameTable = Map.groupBy(ofTable, ({ proof }) => (isOther(named, proof) ? proof.incarnation : undefined))
    for (const [uuid, some] of sameTable) {
      const table = (uuid && (await tableWithUuid(server, inDatabase, String(uuid), how))) || named
      if (!table) put(withoutTable(name, some))
      else if (!canDelete(table)) put(each(some, cannotDelete(table)))
      else sortInTable(table, some, softly, batches, put)
    }
  }
  return { batches, aside }
}

/** Whether a name is not, or no longer, that of the table in which something was created. */
function isOther(table: Table | undefined, { incarnation }: Target['proof']): boolean {
  return incarnation !== undefined && (table === undefined || (table.uuid !== undefined && incarnation !== table.uuid))
}

/** A table that was captured was there once; one that a test names may be misspelt. */
function withoutTable(name: string, targets: readonly Target[]): Outcomes {
  return new Map(
    targets.map((target) => [
      target.id,
      rowArgs(target.removal)?.columns
        ? alreadyGone
        : failedWith('DUSTPAN_REMOVAL_FAILED', `There is no table ${name}`),
    ]),
  )
}

function sortInTable(
  table: Table,
  targets: readonly Target[],
  softly: SoftDeletion,
  batches: Batch[],
  put: (outcomes: Outcomes) => void,
): void {
  let set: SoftDeleteColumns | undefined
  try {
    set = softly(table.name)
  } catch (error) {
    put(each(targets, failed('The removal', error)))
    return
  }
  const missing = Object.keys(set ?? {}).find((column) => !table.columns.has(column))
  if (missing !== undefined) {
    put(each(targets, failedWith('DUSTPAN_REMOVAL_FAILED', `${table.name} has no column ${missing}`)))
    return
  }
  const found = targets.flatMap((target) => {
    const place = placeOf(table, target)
    if ('args' in place) return [{ target, ...place }]
    put(each([target], place))
    return []
  })
  const groups = Map.groupBy(found, ({ id }) => id)
  for (const alike of groups.values()) batches.push(...batchesOf(table, alike, set, groups.size > 1 ? found : []))
}

interface Place {
  readonly id: string
  readonly args: RowArgs
  readonly columns: readonly string[]
  readonly literal: string
}

function placeOf(table: Table, { removal, key, proof }: Target): Place | typeof alreadyGone {
  const args = rowArgs(removal)
  if (!args) return failedWith('DUSTPAN_REMOVAL_FAILED', `Unknown operation ${removal.op} v${removal.v}`)
  if (isOther(table, proof)) return { state: 'already-gone', result: 'the table was made anew' }
  const columns = args.columns ?? usualColumns(table, key)
  const match = Object.keys(proof.match ?? {})
  const missing = [...columns, ...match].find((column) => !table.columns.has(column))
  if (missing !== undefined) return failedWith('DUSTPAN_REMOVAL_FAILED', `${table.name} has no column ${missing}`)
  const literal = keyLiteral(table, columns, key)
  if (literal === undefined)
    return failedWith(
      'DUSTPAN_REMOVAL_FAILED',
      `${JSON.stringify(key)} is no key of ${table.name} (${columns.join(', ')})`,
    )
  return { id: JSON.stringify([columns, proof.match ?? {}]), args, columns, literal }
}

/** For what a test tracks by hand. */
function usualColumns(table: Table, key: Json): readonly string[] {
  const isShort = partsOf(key).length === 1 && table.sortingKey.length !== 1
  return isShort && table.columns.has('id') ? ['id'] : table.sortingKey
}

/** Several records may be of rows with one key: then all of these rows are meant. */
function batchesOf(
  table: Table,
  found: readonly (Place & Placed)[],
  set: SoftDeleteColumns | undefined,
  all: readonly Placed[],
): readonly Batch[] {
  const [first] = found
  if (!first) return []
  const match = first.target.proof.match ?? {}
  const others = first.target.proof.match ? [] : all
  const ofLonger = rowsOfLongerKeys(table, first.columns, others)
  const byKey = Map.groupBy(found, ({ target }) => JSON.stringify(target.key))
  const keys = [...byKey.values()].flatMap((records) =>
    records.slice(0, 1).map(({ target: { key }, literal }) => ({
      ...{ key, literal, ...countsOf(table, records, ofLonger(literal)) },
      targets: records.map(({ target }) => target),
    })),
  )
  return [...Map.groupBy(keys, ({ rows }) => rows)].map(([rows, its]) => ({
    ...{ table, columns: first.columns, match, set, rows, keys: its },
  }))
}

/** That a row is one of these: by its key, by what marks it as ours, and not marked as deleted yet. */
export function whereOf(batch: Batch, keys: readonly KeyTargets[] = batch.keys): string {
  const { table, columns, match, set, also } = batch
  const ours = amongLiterals(
    table,
    columns,
    keys.map(({ literal }) => literal),
  )
  return `${ours}${matching(table, match)}${set ? ` AND ${unmarked(table, set)}` : ''}${also === undefined ? '' : ` AND ${also}`}`
}
