import { type Json, type ResourceId, targetNumbered } from '@dustpan/core/driver'
import { keyOf } from '../key-value.ts'
import { quoteIdentifier, quoteTable, typeOf } from '../names.ts'
import { type Batch, keyArrays } from './batches.ts'
import { cameAfter, type Proving } from './came-after.ts'
import type { Sql } from './exchange.ts'
import type { StoreClient } from './own-client.ts'
import type { Reference } from './shapes.ts'
import {
  hasItsColumns,
  isNestedColumn,
  isNoTarget,
  isNumbered,
  keyJson,
  numbered,
  Parameters,
  refersTo,
  tableOf,
  typeOfColumn,
} from './statement-parts.ts'

/** A row that refers to a target. */
export interface FoundDependent {
  readonly of: ResourceId
  readonly reference: Reference
  readonly type: string
  readonly key: Json
  /** It was certainly inserted after its parent. */
  readonly after: boolean
  readonly incarnation: number | undefined
}

interface Search {
  readonly limit: number
  readonly signal: AbortSignal
  /** By what a row is known to be younger than what it refers to. */
  readonly proving?: Proving
  /** Batches of rows that are targets themselves. */
  readonly known?: (reference: Reference) => readonly Batch[]
}

/** The rows that refer to the batches' rows: all foreign keys in one round trip. */
export async function findDependents(
  client: StoreClient,
  batches: readonly Batch[],
  search: Search,
): Promise<readonly FoundDependent[]> {
  const asked = batches.flatMap((batch) =>
    batch.targets.length > 0
      ? batch.shape.referencedBy.filter(({ key }) => key.length > 0).map((reference) => ({ batch, reference }))
      : [],
  )
  if (asked.length === 0) return []
  const answers = await client.run(
    asked.map(({ batch, reference }) => dependentsSql(batch, reference, search)),
    search.signal,
  )
  return asked.flatMap(({ batch, reference }, index) =>
    (answers[index]?.rows ?? []).map(([text]) => found(JSON.parse(text ?? '[]') as Row, batch, reference)),
  )
}

type Row = readonly [number: number, key: readonly string[], after: boolean | null, incarnation: number | null]

function found([number, key, after, incarnation]: Row, batch: Batch, reference: Reference): FoundDependent {
  return {
    of: targetNumbered(batch, number)?.id ?? '',
    reference,
    type: typeOf(reference),
    key: keyOf(reference.key, key),
    after: after === true,
    incarnation: incarnation ?? undefined,
  }
}

function dependentsSql(batch: Batch, reference: Reference, { limit, proving, known }: Search): Sql {
  const parameters = new Parameters()
  const { from, number, refers } = (byKey(batch, reference) ? byOneKey : byRow)(batch, reference, parameters)
  const after = proving ? cameAfter(reference, { targets: batch.targets, number }, proving, parameters) : 'NULL'
  const key = keyJson(reference.key, 'c')
  const text = `SELECT json_build_array(${number}, ${key}, ${after}, pg_relation_filenode(c.tableoid)::int8)
    FROM ${from}${quoteTable(reference)} c WHERE ${refers} AND ${hasItsColumns(batch, parameters)}${isUnknown(reference, known?.(reference) ?? [], parameters)} LIMIT ${limit}`
  return { text, values: parameters.values }
}

function byKey({ columns: [column = '', ...others], shape }: Batch, { parentColumns }: Reference): boolean {
  const isThat = others.length === 0 && parentColumns.length === 1 && column === parentColumns[0]
  return isThat && !isNestedColumn(shape, column)
}

interface Referring {
  readonly from: string
  /** The number of the target that is referred to. */
  readonly number: string
  readonly refers: string
}

/** What is usual: a foreign key of one column to the key that the targets are named by. */
function byOneKey(batch: Batch, { columns: [column = ''] }: Reference, parameters: Parameters): Referring {
  const [name = ''] = batch.columns
  const type = typeOfColumn(batch.shape, name)
  const keys = `${parameters.add(keyArrays(batch)[0] ?? '{}')}::${type}[]`
  const referring = `c.${quoteIdentifier(column)}`
  return {
    from: '',
    number: `array_position(${keys}, ${referring}::${type})`,
    refers: `${referring} = ANY (${keys})`,
  }
}

function byRow(batch: Batch, reference: Reference, parameters: Parameters): Referring {
  return {
    from: `${numbered(batch, parameters)}, `,
    number: 'k.n',
    refers: `EXISTS (SELECT FROM ${tableOf(batch.shape)} t WHERE ${isNumbered(batch)} AND ${refersTo(reference, 't')})`,
  }
}

function isUnknown({ key }: Reference, known: readonly Batch[], parameters: Parameters): string {
  const columns = key.map(({ name }) => `c.${quoteIdentifier(name)}`)
  const conditions = known.map((batch) => ` AND ${isNoTarget(batch, columns, parameters)}`)
  return conditions.join('')
}
