/** Groups targets into batches, by table and by how their rows are identified. */
import type { Json, Target } from '@dustpan/core/driver'
import { alreadyGone, each, failedWith, type Outcomes } from '@dustpan/core/rows'
import type { SoftDeleteColumns } from '../options.ts'
import { nameParts } from '../sql/quote.ts'
import type { QueryOptions, Server } from '../sql/server.ts'
import { canDelete, readTable, type Table, tableWithUuid } from '../sql/table.ts'
import { inLiterals, keyLiteral, matching, partsOf } from '../sql/where.ts'
import { countsOf, type PlacedRecord, rowsOfLongerKeys } from './counts.ts'
import { cannotDelete, failed } from './outcomes.ts'
import { type SoftDeletion, unmarked } from './soft-deletion.ts'
import { type RowArgs, rowArgs } from './spec.ts'

export interface Batch {
  readonly table: Table
  readonly columns: readonly string[]
  readonly match: { readonly [column: string]: Json }
  /** The number of rows per key; `any`: any number. */
  readonly rows: number | 'any'
  /** Columns to set instead of deleting. */
  readonly set: SoftDeleteColumns | undefined
  /** An additional condition. */
  readonly extraCondition?: string
  readonly keys: readonly KeyTargets[]
}

/** A key, with all targets that recorded it. */
export interface KeyTargets {
  readonly key: Json
  /** The key as an SQL literal. */
  readonly literal: string
  readonly targets: readonly Target[]
  /** The number of rows that existed before and are on no record. */
  readonly strangers?: number
}

export interface SortedTargets {
  readonly batches: readonly Batch[]
  /** Outcomes of targets whose rows cannot be searched for. */
  readonly settled: Outcomes
}

export async function sortTargets(
  server: Server,
  database: string,
  targets: readonly Target[],
  softColumnsOf: SoftDeletion,
  options: QueryOptions,
): Promise<SortedTargets> {
  const settled: Outcomes = new Map()
  const settle = (outcomes: Outcomes) => {
    for (const [id, outcome] of outcomes) settled.set(id, outcome)
  }
  const batches: Batch[] = []
  for (const [name, ofTable] of Map.groupBy(targets, (target) => rowArgs(target.removal)?.table ?? '')) {
    const [first = '', second] = nameParts(name) ?? [name]
    const inDatabase = second === undefined ? database : first
    const named = await readTable(server, inDatabase, second ?? first, options)
    const sameTable = Map.groupBy(ofTable, ({ proof }) => (isOtherTable(named, proof) ? proof.incarnation : undefined))
    for (const [uuid, some] of sameTable) {
      const table = (uuid && (await tableWithUuid(server, inDatabase, String(uuid), options))) || named
      if (!table) settle(withoutTable(name, some))
      else if (!canDelete(table)) settle(each(some, cannotDelete(table)))
      else sortInTable(table, some, softColumnsOf, batches, settle)
    }
  }
  return { batches, settled }
}

/** Whether the table is not the one in which the row was created. */
function isOtherTable(table: Table | undefined, { incarnation }: Target['proof']): boolean {
  return incarnation !== undefined && (table === undefined || (table.uuid !== undefined && incarnation !== table.uuid))
}

/** A captured table did exist; a table that a test names may be misspelt. */
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
  softColumnsOf: SoftDeletion,
  batches: Batch[],
  settle: (outcomes: Outcomes) => void,
): void {
  let set: SoftDeleteColumns | undefined
  try {
    set = softColumnsOf(table.name)
  } catch (error) {
    settle(each(targets, failed('The removal', error)))
    return
  }
  const missing = Object.keys(set ?? {}).find((column) => !table.columns.has(column))
  if (missing !== undefined) {
    settle(each(targets, failedWith('DUSTPAN_REMOVAL_FAILED', `${table.name} has no column ${missing}`)))
    return
  }
  const found = targets.flatMap((target) => {
    const place = placeOf(table, target)
    if ('args' in place) return [{ target, ...place }]
    settle(each([target], place))
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
  if (isOtherTable(table, proof)) return { state: 'already-gone', result: 'the table was made anew' }
  const columns = args.columns ?? defaultColumns(table, key)
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

/** The key columns for a row that is tracked by hand. */
function defaultColumns(table: Table, key: Json): readonly string[] {
  const isShort = partsOf(key).length === 1 && table.sortingKey.length !== 1
  return isShort && table.columns.has('id') ? ['id'] : table.sortingKey
}

/** Several records may share a key; then the batch has the rows of all of them. */
function batchesOf(
  table: Table,
  found: readonly (Place & PlacedRecord)[],
  set: SoftDeleteColumns | undefined,
  all: readonly PlacedRecord[],
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
  return [...Map.groupBy(keys, ({ rows }) => rows)].map(([rows, sameCount]) => ({
    ...{ table, columns: first.columns, match, set, rows, keys: sameCount },
  }))
}

/** The condition of a batch's rows: their key and ownership marks, and not yet marked as deleted. */
export function whereOf(batch: Batch, keys: readonly KeyTargets[] = batch.keys): string {
  const { table, columns, match, set, extraCondition } = batch
  const ours = inLiterals(
    table,
    columns,
    keys.map(({ literal }) => literal),
  )
  return `${ours}${matching(table, match)}${set ? ` AND ${unmarked(table, set)}` : ''}${extraCondition === undefined ? '' : ` AND ${extraCondition}`}`
}
