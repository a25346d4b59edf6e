import type { TypedColumn } from '../key-value.ts'
import { quoteIdentifier, quoteTable, type TableName } from '../names.ts'
import { logOf, stampOf } from './insertion-sql.ts'
import type { StoreClient } from './own-client.ts'

/** What removing rows of a table has to know of it. */
export interface TableShape extends TableName {
  readonly oid: number
  /** `r` table, `p` partitioned. */
  readonly kind: string
  /** It is partitioned, or a partition: foreign keys to any of those above and below it hold its rows. */
  readonly inParts: boolean
  /** Types by column, as they are written in a cast. */
  readonly columns: { readonly [name: string]: string }
  /** Those whose values are rows themselves. */
  readonly composite: readonly string[]
  /** Those that can be written: none that is computed from others. */
  readonly written: readonly string[]
  readonly key: readonly string[]
  /** Row-level security is in force for our role: a row that is not seen may be there. */
  readonly secured: boolean
  /** A timestamp whose name says that the row was created then, and that by default is the time of insertion. */
  readonly stamp: string | null
  readonly referencedBy: readonly Reference[]
}

/** A foreign key, seen from the table that it refers to. */
export interface Reference extends TableName {
  readonly oid: number
  /** Of the referring table. */
  readonly columns: readonly string[]
  /** Of the table referred to. */
  readonly parentColumns: readonly string[]
  readonly rule: 'cascade' | 'set-null' | 'restrict'
  /** Row-level security is in force for our role, and for nobody who deletes by the rule: a row that is not seen would be taken along. */
  readonly secured: boolean
  readonly key: readonly TypedColumn[]
  /** What the log of the application's rows does there with those that name no test; null: none is installed. `leave` as well where our role may not read it. */
  readonly log: 'claim' | 'leave' | null
  /** Whether an index finds the rows that refer to one. */
  readonly indexed: boolean
  /** How many rows the referring table has, as far as the database knows. */
  readonly rows: number
}

/** A table as a removal names it; without a schema it is looked for as the connection does. */
export interface TableWanted {
  readonly schema: string | null
  readonly table: string
}

const rules = `CASE x.confdeltype WHEN 'c' THEN 'cascade' WHEN 'n' THEN 'set-null' WHEN 'd' THEN 'set-null' ELSE 'restrict' END`
const typeName = `CASE y.nspname WHEN 'pg_catalog' THEN '' ELSE quote_ident(y.nspname) || '.' END || quote_ident(t.typname)`
const list = (
  item: string,
  attributes: string,
  of: string,
) => `(SELECT json_agg(${item} ORDER BY k.ord) FROM unnest(${attributes}) WITH ORDINALITY k(attnum, ord)
  JOIN pg_attribute a ON a.attrelid = ${of} AND a.attnum = k.attnum JOIN pg_type t ON t.oid = a.atttypid JOIN pg_namespace y ON y.oid = t.typnamespace)`
const names = (attributes: string, of: string) => list('a.attname', attributes, of)
const keyOf = (
  relation: string,
  item: string,
) => `coalesce((SELECT ${list(item, 'i.indkey::int2[]', 'i.indrelid')} FROM pg_index i
  WHERE i.indrelid = ${relation} AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL AND i.indnatts = i.indnkeyatts
    AND (i.indisprimary OR NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = i.indrelid AND NOT a.attnotnull AND a.attnum = ANY (i.indkey::int2[])))
    AND NOT ${isOtherwiseEqual}
  ORDER BY i.indisprimary DESC, i.indexrelid LIMIT 1), '[]')`

/** To its index values differ that are equal by the column's own type and collation: several rows would go by one key. */
const isOtherwiseEqual = `EXISTS (SELECT FROM unnest(i.indkey::int2[], i.indclass::oid[], i.indcollation::oid[]) u(attnum, class, coll)
  JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = u.attnum JOIN pg_type y ON y.oid = a.atttypid JOIN pg_opclass o ON o.oid = u.class
  WHERE NOT o.opcdefault
    OR EXISTS (SELECT FROM pg_opclass own WHERE own.opcmethod = o.opcmethod AND own.opcdefault AND own.oid <> o.oid AND own.opcintype = coalesce(nullif(y.typbasetype, 0), y.oid))
    OR u.coll <> a.attcollation AND EXISTS (SELECT FROM pg_collation WHERE oid = a.attcollation AND NOT collisdeterministic))`

/** The tables whose foreign keys hold rows of a table: itself, and of a partitioned one the whole and the parts. */
export const heldThrough = (oid: string) =>
  `(SELECT ${oid} UNION SELECT relid FROM pg_catalog.pg_partition_ancestors(${oid}) UNION SELECT relid FROM pg_catalog.pg_partition_tree(${oid}))`

const shapesSql = `SELECT CASE WHEN c.oid IS NOT NULL THEN json_build_object(
    'oid', c.oid::int8, 'schema', s.nspname, 'table', c.relname, 'kind', c.relkind,
    'inParts', c.relkind = 'p' OR c.relispartition,
    'columns', (SELECT json_object_agg(a.attname, ${typeName})
      FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid JOIN pg_namespace y ON y.oid = t.typnamespace
      WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
    'composite', (SELECT coalesce(json_agg(a.attname), '[]') FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
      WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND t.typcategory = 'C'),
    'written', (SELECT coalesce(json_agg(attname ORDER BY attnum), '[]') FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped AND attgenerated = ''),
    'key', ${keyOf('c.oid', 'a.attname')}, 'secured', row_security_active(c.oid),
    'stamp', ${stampOf('c.oid')},
    'referencedBy', coalesce((SELECT json_agg(json_build_object('oid', xc.oid::int8, 'schema', xs.nspname, 'table', xc.relname, 'rule', ${rules}, 'secured', row_security_active(xc.oid), 'log', ${logOf('xc.oid')},
        'columns', ${names('x.conkey', 'x.conrelid')}, 'parentColumns', ${names('x.confkey', 'x.confrelid')}, 'key', ${keyOf('x.conrelid', `json_build_object('name', a.attname, 'type', ${typeName})`)}, 'indexed', EXISTS (SELECT FROM pg_index i WHERE i.indrelid = x.conrelid AND i.indisvalid AND i.indpred IS NULL
          AND (i.indkey::int2[])[0:cardinality(x.conkey) - 1] @> x.conkey),
        'rows', greatest(xc.reltuples, pg_stat_get_live_tuples(xc.oid), 0)::int8)
        ORDER BY x.oid)
      FROM pg_constraint x JOIN pg_class xc ON xc.oid = x.conrelid JOIN pg_namespace xs ON xs.oid = xc.relnamespace
      WHERE x.contype = 'f' AND x.conparentid = 0 AND x.confrelid IN ${heldThrough('c.oid')}), '[]')) END AS shape
  FROM unnest($1::text[], $2::text[]) WITH ORDINALITY n(schema, name, ord)
  LEFT JOIN pg_class c ON c.relkind IN ('r', 'p') AND c.oid = to_regclass(CASE WHEN n.schema IS NULL THEN '' ELSE quote_ident(n.schema) || '.' END || quote_ident(n.name))
  LEFT JOIN pg_namespace s ON s.oid = c.relnamespace
  ORDER BY n.ord`

/** Shapes by store and name, for the whole process. A change that this misses shows in the deleting statement, which counts the foreign keys. */
const known = new Map<string, Map<string, TableShape>>()

export function forgetShapes(store?: string): void {
  if (store === undefined) known.clear()
  else known.delete(store)
}

export type ShapeOf = (table: TableWanted) => TableShape | null

/** The shapes of tables; null for one that is not there, which is looked for again each time. */
export async function shapesOf(
  client: StoreClient,
  tables: readonly TableWanted[],
  signal: AbortSignal,
): Promise<ShapeOf> {
  const shapes = known.get(client.store.id) ?? new Map<string, TableShape>()
  known.set(client.store.id, shapes)
  const unknown = [...new Map(tables.map((table) => [nameOf(table), table]))].filter(([name]) => !shapes.has(name))
  if (unknown.length > 0) {
    const wanted = unknown.map(([, table]) => table)
    const rows = await client.rows(
      shapesSql,
      [wanted.map(({ schema }) => schema), wanted.map(({ table }) => table)],
      signal,
    )
    for (const [index, [name]] of unknown.entries()) {
      const shape = rows[index]?.[0]
      if (shape) shapes.set(name, JSON.parse(shape) as TableShape)
    }
  }
  return (table) => shapes.get(nameOf(table)) ?? null
}

function nameOf({ schema, table }: TableWanted): string {
  return schema === null ? quoteIdentifier(table) : quoteTable({ schema, table })
}
