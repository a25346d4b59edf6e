import type { Json, ResourceId } from '@dustpan/core/driver'
import { keyOf } from '../key-value.ts'
import { keyParts, quoteIdentifier, quoteTable, typeOf } from '../names.ts'
import { type Batch, textOf } from './batches.ts'
import type { Sql } from './exchange.ts'
import type { OwnClient } from './own-client.ts'
import type { Reference } from './shapes.ts'
import { isNumbered, keyJson, numbered, Parameters, refersTo, tableOf } from './statement-parts.ts'

/** A row that refers to a target. */
export interface FoundDependent {
  readonly of: ResourceId
  readonly reference: Reference
  readonly type: string
  readonly key: Json
  /** Its own time of insertion is not before its parent's. */
  readonly after: boolean
  readonly incarnation: number | undefined
}

interface Search {
  readonly limit: number
  readonly signal: AbortSignal
  /** Timestamps of insertion, by which a row is known to be younger than what it refers to. */
  readonly stampOf?: (reference: Reference) => string | null
  /** Keys that are targets themselves. */
  readonly known?: (reference: Reference) => readonly Json[]
}

/** The rows that refer to a batch's rows: all foreign keys in one round trip. */
export async function findDependents(client: OwnClient, batch: Batch, search: Search): Promise<readonly FoundDependent[]> {
  const references = batch.shape.referencedBy.filter(({ key }) => key.length > 0)
  if (references.length === 0 || batch.targets.length === 0) return []
  const answers = await client.run(references.map((reference) => dependentsSql(batch, reference, search)), search.signal)
  return answers.flatMap(({ rows }, index) => {
    const reference = references[index] as Reference
    return rows.map(([text]) => found(JSON.parse(text ?? '[]') as Row, batch, reference))
  })
}

type Row = readonly [number: number, key: readonly string[], after: boolean | null, incarnation: number | null]

function found([number, key, after, incarnation]: Row, { targets }: Batch, reference: Reference): FoundDependent {
  return {
    of: targets[number - 1]?.id ?? '',
    reference,
    type: typeOf(reference),
    key: keyOf(reference.key, key),
    after: after === true,
    incarnation: incarnation ?? undefined,
  }
}

function dependentsSql(batch: Batch, reference: Reference, { limit, stampOf, known }: Search): Sql {
  const parameters = new Parameters()
  const targets = numbered(batch, parameters)
  const [mine, its] = [batch.shape.stamp, stampOf?.(reference)]
  const after = mine && its ? `c.${quoteIdentifier(its)} >= t.${quoteIdentifier(mine)}` : 'NULL'
  const key = keyJson(reference.key.map(({ name }) => name), 'c')
  const text = `SELECT json_build_array(k.n, ${key}, ${after}, pg_catalog.pg_relation_filenode(c.tableoid)::int8)
    FROM ${tableOf(batch.shape)} t, ${targets}, ${quoteTable(reference)} c
    WHERE ${isNumbered(batch)} AND ${refersTo(reference, 't')}${isUnknown(reference, known?.(reference) ?? [], parameters)} LIMIT ${limit}`
  return { text, values: parameters.values }
}

function isUnknown({ key }: Reference, known: readonly Json[], parameters: Parameters): string {
  if (known.length === 0) return ''
  const lists = key.map(({ type }, index) => `${parameters.add(known.map((one) => textOf(keyParts(one)[index] ?? null)))}::${type}[]`)
  const columns = key.map(({ name }) => `c.${quoteIdentifier(name)}`)
  if (lists.length === 1) return ` AND ${columns[0]} <> ALL (${lists[0]})`
  return ` AND (${columns.join(', ')}) NOT IN (SELECT * FROM unnest(${lists.join(', ')}))`
}
