import type { Json, ResourceId } from '@dustpan/core/driver'
import { targetNumbered } from '@dustpan/core/rows'
import { keyOf } from '../key-value.ts'
import { quoteIdentifier, quoteTable, typeOf } from '../names.ts'
import { type Batch, keyArrays } from './batches.ts'
import { type AgeProof, cameAfter } from './came-after.ts'
import type { Sql } from './exchange.ts'
import type { StoreClient } from './own-client.ts'
import {
  hasRecordedColumnsSql,
  isNestedColumn,
  isNoTarget,
  isNumbered,
  keyJson,
  numbered,
  Parameters,
  refersTo,
  tableSql,
  typeOfColumn,
} from './statement-parts.ts'
import type { Reference } from './tables.ts'

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
  /** How to prove that a row is younger than its parent. */
  readonly ageProof?: AgeProof
  /** Batches of rows that are targets themselves, and so not reported. */
  readonly known?: (reference: Reference) => readonly Batch[]
}

/** Finds the rows that refer to rows of the batches: all foreign keys in one round trip. */
export async function findDependents(
  client: StoreClient,
  batches: readonly Batch[],
  search: Search,
): Promise<readonly FoundDependent[]> {
  const searches = batches.flatMap((batch) =>
    batch.targets.length > 0
      ? batch.table.referencedBy.filter(({ key }) => key.length > 0).map((reference) => ({ batch, reference }))
      : [],
  )
  if (searches.length === 0) return []
  const answers = await client.run(
    searches.map(({ batch, reference }) => dependentsSql(batch, reference, search)),
    search.signal,
  )
  return searches.flatMap(({ batch, reference }, index) =>
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

function dependentsSql(batch: Batch, reference: Reference, { limit, ageProof, known }: Search): Sql {
  const parameters = new Parameters()
  const { from, number, refers } = (isBySingleKey(batch, reference) ? bySingleKey : byRow)(batch, reference, parameters)
  const after = ageProof ? cameAfter(reference, { targets: batch.targets, number }, ageProof, parameters) : 'NULL'
  const key = keyJson(reference.key, 'c')
  const text = `SELECT json_build_array(${number}, ${key}, ${after}, pg_relation_filenode(c.tableoid)::int8)
    FROM ${from}${quoteTable(reference)} c WHERE ${refers} AND ${hasRecordedColumnsSql(batch, parameters)}${isNotKnown(reference, known?.(reference) ?? [], parameters)} LIMIT ${limit}`
  return { text, values: parameters.values }
}

function isBySingleKey({ columns: [column = '', ...others], table }: Batch, { parentColumns }: Reference): boolean {
  const isKey = others.length === 0 && parentColumns.length === 1 && column === parentColumns[0]
  return isKey && !isNestedColumn(table, column)
}

interface Referring {
  readonly from: string
  /** SQL for the number of the target that is referred to. */
  readonly number: string
  readonly refers: string
}

/** The usual case: a foreign key of one column to the key by which the targets are recorded. */
function bySingleKey(batch: Batch, { columns: [column = ''] }: Reference, parameters: Parameters): Referring {
  const [name = ''] = batch.columns
  const type = typeOfColumn(batch.table, name)
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
    refers: `EXISTS (SELECT FROM ${tableSql(batch.table)} t WHERE ${isNumbered(batch)} AND ${refersTo(reference, 't')})`,
  }
}

function isNotKnown({ key }: Reference, known: readonly Batch[], parameters: Parameters): string {
  const columns = key.map(({ name }) => `c.${quoteIdentifier(name)}`)
  const conditions = known.map((batch) => ` AND ${isNoTarget(batch, columns, parameters)}`)
  return conditions.join('')
}
