import { arrayLiteral } from '../array-literal.ts'
import type { NumberedColumn } from '../key-value.ts'
import type { TableName } from '../names.ts'
import type { Session } from '../session.ts'
import type { Analysis, TableReference } from '../sql/statement.ts'
import type { Rewriting } from './rewriting.ts'

/** The catalog's description of a table, for the role and search path of one session. */
export interface TableFacts extends TableName {
  readonly oid: number
  /** `r` table, `p` partitioned, `v` view, `f` foreign … */
  readonly kind: string
  readonly temporary: boolean
  /** Row-level security applies to this role. */
  readonly secured: boolean
  /** The role may read the whole row, system columns included. */
  readonly readable: boolean
  /** Other tables inherit from it: rows deleted from it may be theirs. */
  readonly inherited: boolean
  /** Rules on INSERT or DELETE. */
  readonly rules: boolean
  /** The primary key, else a unique key of NOT NULL columns; empty without one. */
  readonly key: readonly KeyColumn[]
  /** The readable column whose default is the session mark; null without one. */
  readonly marker: string | null
  /**
   * Columns whose UPDATE changes its key: its own, those that its foreign keys follow, and those of views and rules that
   * write them.
   */
  readonly keyedBy: readonly KeySource[]
  /** Oids of the tables whose rows are deleted with its rows, by ON DELETE CASCADE. */
  readonly cascades: readonly number[]
  /** Its rows may be deleted with those of another table. */
  readonly cascaded: boolean
  /** The referring columns of those tables, and of the views and rules that write them. */
  readonly pointers: readonly KeySource[]
  /**
   * Oids of the tables to which its rows may belong too: its partitions, its partitioned tables, and tables that inherit
   * from it.
   */
  readonly family: readonly number[]
}

/** Columns of a table that determine keys of another one, or of itself. */
export interface KeySource {
  readonly oid: number
  readonly table: string
  readonly columns: readonly string[]
}

export interface KeyColumn extends NumberedColumn {
  readonly readable: boolean
  /** Its collation, if it has one, takes only identical texts for equal. */
  readonly deterministic: boolean
  /** Declared with a length or scale: `numeric(10, 2)`. */
  readonly sized: boolean
  /**
   * The types that its values consist of: its own, or those of its elements, bounds and fields. `other` stands for types of
   * extensions.
   */
  readonly holds: readonly string[]
}

/** The types that the key type `t` consists of. PostgreSQL 13 has no multiranges. */
const holds = `(WITH RECURSIVE h(oid) AS (SELECT t.oid UNION SELECT p.oid FROM h JOIN pg_catalog.pg_type y ON y.oid = h.oid, LATERAL (
      SELECT y.typbasetype AS oid UNION ALL SELECT y.typelem
      UNION ALL SELECT r.rngsubtype FROM pg_catalog.pg_range r WHERE y.oid::int8 IN (r.rngtypid::int8, (to_jsonb(r) ->> 'rngmultitypid')::int8)
      UNION ALL SELECT b.atttypid FROM pg_catalog.pg_attribute b WHERE b.attrelid = y.typrelid AND b.attnum > 0 AND NOT b.attisdropped) p WHERE p.oid <> 0)
    SELECT coalesce(json_agg(CASE WHEN y.typnamespace = 'pg_catalog'::regnamespace OR y.typname = 'citext' THEN y.typname WHEN y.typtype = 'e' THEN 'text' ELSE 'other' END), '[]')
    FROM h JOIN pg_catalog.pg_type y ON y.oid = h.oid WHERE y.typtype IN ('b', 'e') AND y.typcategory <> 'A')`

/** Columns of a view map to those of its query; through a trigger or a rule, any column may change any column behind it. */
const behind = `SELECT r.ev_class AS oid, CASE
        WHEN r.ev_type = '2' OR EXISTS (SELECT FROM pg_catalog.pg_trigger g WHERE g.tgrelid = r.ev_class AND g.tgtype & 80 = 80 AND g.tgenabled <> 'D')
        THEN (SELECT array_agg(a.attnum) FROM pg_catalog.pg_attribute a WHERE a.attrelid = r.ev_class AND a.attnum > 0)
        ELSE (SELECT array_agg(m[1]::int2) FROM regexp_matches(r.ev_action::text, ':resno ([0-9]+) :resname [^:]*:ressortgroupref [0-9]+ :resorigtbl ([0-9]+) :resorigcol ([0-9]+)', 'g') m
          WHERE m[2]::int8 = k.oid::int8 AND m[3]::int8 = ANY (k.columns::int8[])) END AS columns
      FROM pg_catalog.pg_rewrite r WHERE r.ev_type IN ('1', '2') AND r.ev_class <> k.oid AND r.oid IN (SELECT objid FROM pg_catalog.pg_depend
        WHERE classid = 'pg_catalog.pg_rewrite'::regclass AND refclassid = 'pg_catalog.pg_class'::regclass AND refobjid = k.oid)`

/**
 * The columns of the key of `i`, then recursively the columns that foreign keys, views and rules lead to; tables that `c`
 * inherits from have its columns too.
 */
const keyedBy = `(WITH RECURSIVE k(oid, columns) AS (
      SELECT c.oid, (i.indkey::int2[])[0:i.indnkeyatts - 1] WHERE i.indkey IS NOT NULL
      UNION SELECT x.oid, x.columns FROM k, LATERAL (
        SELECT f.confrelid AS oid, f.confkey AS columns FROM pg_catalog.pg_constraint f
        WHERE f.conrelid = k.oid AND f.contype = 'f' AND f.confupdtype IN ('c', 'd') AND f.conkey && k.columns
        UNION ALL ${behind}) x WHERE x.columns IS NOT NULL),
    named AS (SELECT k.oid, array_agg(a.attname) AS columns FROM k JOIN pg_catalog.pg_attribute a ON a.attrelid = k.oid AND a.attnum = ANY (k.columns) GROUP BY k.oid),
    wide(oid, columns) AS (SELECT * FROM named UNION SELECT h.inhparent, wide.columns FROM wide JOIN pg_catalog.pg_inherits h ON h.inhrelid = wide.oid)
    SELECT coalesce(json_agg(json_build_object('oid', w.oid::int8, 'table', t.relname, 'columns', w.columns)), '[]')
    FROM wide w JOIN pg_catalog.pg_class t ON t.oid = w.oid)`

const below = `(WITH RECURSIVE d(oid) AS (
      SELECT inhrelid FROM pg_catalog.pg_inherits WHERE inhparent = c.oid UNION SELECT h.inhrelid FROM d JOIN pg_catalog.pg_inherits h ON h.inhparent = d.oid)
    SELECT oid FROM d)`

const family = `(SELECT coalesce(json_agg(f.oid::int8), '[]') FROM (
      SELECT oid FROM ${below} d UNION SELECT relid FROM pg_catalog.pg_partition_ancestors(c.oid)) f(oid) WHERE f.oid <> c.oid)`

const cascading = `WITH RECURSIVE r(oid, columns) AS (
      SELECT f.conrelid, f.conkey FROM pg_catalog.pg_constraint f WHERE (f.confrelid = c.oid OR f.confrelid IN ${below}) AND f.contype = 'f' AND f.confdeltype = 'c'
      UNION SELECT f.conrelid, f.conkey FROM r JOIN pg_catalog.pg_constraint f ON f.confrelid = r.oid AND f.contype = 'f' AND f.confdeltype = 'c')`

const cascades = `(${cascading} SELECT coalesce(json_agg(DISTINCT oid::int8), '[]') FROM r)`

const pointers = `(${cascading}, k(oid, columns) AS (
      SELECT oid, columns FROM r UNION SELECT x.oid, x.columns FROM k, LATERAL (${behind}) x WHERE x.columns IS NOT NULL)
    SELECT coalesce(json_agg(json_build_object('oid', k.oid::int8, 'table', t.relname,
      'columns', (SELECT json_agg(a.attname) FROM pg_catalog.pg_attribute a WHERE a.attrelid = k.oid AND a.attnum = ANY (k.columns)))), '[]')
    FROM k JOIN pg_catalog.pg_class t ON t.oid = k.oid)`

/**
 * Whether the unique index and the `=` of its columns agree on equality: else several rows may share one key, or one row
 * have several. They differ where the operator class is that of another type (`text_ops` on citext), or where the
 * collations differ and either one is not deterministic.
 */
const isComparedAlike = `NOT EXISTS (
      SELECT FROM unnest(i.indkey::int2[], i.indclass::oid[], i.indcollation::oid[]) x(attnum, opclass, colloid)
      JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = x.attnum
      JOIN pg_catalog.pg_type t ON t.oid = a.atttypid JOIN pg_catalog.pg_opclass o ON o.oid = x.opclass
      JOIN pg_catalog.pg_am m ON m.oid = o.opcmethod AND m.amname = 'btree'
      LEFT JOIN pg_catalog.pg_amop p ON p.amopfamily = o.opcfamily AND p.amoplefttype = o.opcintype AND p.amoprighttype = o.opcintype AND p.amopstrategy = 3
      LEFT JOIN pg_catalog.pg_operator q ON q.oid = p.amopopr
      WHERE q.oprname IS DISTINCT FROM '=' OR EXISTS (SELECT FROM pg_catalog.pg_operator e
          WHERE e.oprname = '=' AND e.oprleft = coalesce(nullif(t.typbasetype, 0), t.oid) AND e.oprright = e.oprleft AND e.oid <> q.oid)
        OR x.colloid <> a.attcollation AND EXISTS (
          SELECT FROM pg_catalog.pg_collation l WHERE l.oid IN (x.colloid, a.attcollation) AND NOT l.collisdeterministic))`

/**
 * Reads the facts of the tables named in `$1` and `$2` (schemas, null for the search path; names), in their order, null for
 * a missing one. Names with a schema are looked up in the catalog: `to_regclass` fails where the schema may not be used,
 * and that would abort a transaction.
 */
export const factsSql = `SELECT json_agg(f.facts ORDER BY f.ord) FROM (
  SELECT n.ord, CASE WHEN c.oid IS NOT NULL THEN json_build_object(
    'oid', c.oid::int8, 'schema', s.nspname, 'table', c.relname, 'kind', c.relkind, 'temporary', c.relpersistence = 't',
    'inherited', c.relkind = 'r' AND c.relhassubclass, 'secured', row_security_active(c.oid), 'readable', has_table_privilege(c.oid, 'SELECT'),
    'marker', (SELECT a.attname FROM pg_catalog.pg_attrdef d JOIN pg_catalog.pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
      WHERE d.adrelid = c.oid AND a.atttypid IN ('varchar'::regtype, 'text'::regtype) AND pg_get_expr(d.adbin, d.adrelid) LIKE '%dustpan.marker%'
        AND has_column_privilege(c.oid, a.attnum, 'SELECT') ORDER BY a.attnum LIMIT 1),
    'keyedBy', ${keyedBy}, 'cascades', ${cascades},
    'cascaded', EXISTS (SELECT FROM pg_catalog.pg_constraint f WHERE f.conrelid = c.oid AND f.contype = 'f' AND f.confdeltype = 'c'),
    'pointers', ${pointers}, 'family', ${family},
    'rules', EXISTS (SELECT FROM pg_catalog.pg_rewrite r WHERE r.ev_class = c.oid AND r.ev_type IN ('3', '4')),
    'key', coalesce((
      SELECT json_agg(json_build_object('name', a.attname, 'number', a.attnum, 'type', CASE t.typnamespace WHEN 'pg_catalog'::regnamespace THEN '' ELSE
        quote_ident(ts.nspname) || '.' END || quote_ident(t.typname), 'holds', ${holds}, 'readable', has_column_privilege(c.oid, a.attnum, 'SELECT') AND has_schema_privilege(s.oid, 'USAGE'),
        'deterministic', NOT EXISTS (SELECT FROM pg_catalog.pg_collation l WHERE l.oid = a.attcollation AND NOT l.collisdeterministic),
        'sized', a.atttypmod >= 0 OR t.typtypmod >= 0) ORDER BY k.ord)
      FROM unnest(i.indkey::int2[]) WITH ORDINALITY k(attnum, ord)
      JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum
      JOIN pg_catalog.pg_type t ON t.oid = a.atttypid JOIN pg_catalog.pg_namespace ts ON ts.oid = t.typnamespace
      WHERE k.ord <= i.indnkeyatts), '[]')) END AS facts
  FROM unnest($1::text[], $2::text[]) WITH ORDINALITY n(schema, name, ord)
  LEFT JOIN pg_catalog.pg_class c ON c.oid = CASE WHEN n.schema IS NULL THEN to_regclass(quote_ident(n.name))::oid ELSE (
    SELECT x.oid FROM pg_catalog.pg_class x JOIN pg_catalog.pg_namespace y ON y.oid = x.relnamespace
    WHERE y.nspname = n.schema AND x.relname = n.name) END
  LEFT JOIN pg_catalog.pg_namespace s ON s.oid = c.relnamespace
  LEFT JOIN LATERAL (
    SELECT i.* FROM pg_catalog.pg_index i
    WHERE i.indrelid = c.oid AND i.indisunique AND i.indisvalid AND i.indimmediate AND ${isComparedAlike} AND i.indpred IS NULL AND i.indexprs IS NULL AND (i.indisprimary OR NOT EXISTS (
      SELECT FROM pg_catalog.pg_attribute a
      WHERE a.attrelid = c.oid AND NOT a.attnotnull AND a.attnum = ANY ((i.indkey::int2[])[0:i.indnkeyatts - 1])))
    ORDER BY i.indisprimary DESC, i.indexrelid LIMIT 1) i ON true) f`

/** The tables that TRUNCATE … CASCADE of the tables with the oids `$1` empties, including themselves and their partitions. */
export const referencingSql = `WITH RECURSIVE r(oid) AS (
    SELECT unnest($1::int8[])::oid UNION SELECT x.oid FROM r, LATERAL (
      SELECT conrelid AS oid FROM pg_catalog.pg_constraint WHERE confrelid = r.oid AND contype = 'f'
      UNION ALL SELECT inhrelid FROM pg_catalog.pg_inherits WHERE inhparent = r.oid) x)
  SELECT json_agg(json_build_object('schema', s.nspname, 'table', c.relname))
  FROM r JOIN pg_catalog.pg_class c ON c.oid = r.oid JOIN pg_catalog.pg_namespace s ON s.oid = c.relnamespace`

/** The known tables of one store, role and search path, and the statements rewritten with them. */
export class Facts {
  readonly tables = new Map<string, TableFacts | null>()
  /** The tables that TRUNCATE … CASCADE empties, by the oids of the named tables. */
  readonly referring = new Map<string, readonly TableReference[]>()
  readonly store: string
  #rewritings: WeakMap<Analysis, Rewriting>[] = []

  constructor(store: string) {
    this.store = store
  }

  /** The rewritings, by whether keys of deleted rows are returned, and by the transfer format of values. */
  rewritings(deletes: boolean, binary: boolean): WeakMap<Analysis, Rewriting> {
    const index = (deletes ? 1 : 0) + (binary ? 2 : 0)
    this.#rewritings[index] ??= new WeakMap()
    return this.#rewritings[index]
  }

  /** Forgets a name that now means another table. */
  forget({ id }: TableReference): void {
    this.tables.delete(id)
    this.#rewritings = []
  }

  clear(): void {
    this.tables.clear()
    this.referring.clear()
    this.#rewritings = []
  }
}

const cache = new Map<string, Facts>()

/** The facts for a store, role and search path: shared by all clients of the process. */
export function factsFor(store: string, { user, searchPath }: Session): Facts {
  const key = JSON.stringify([store, user, searchPath])
  const known = cache.get(key)
  if (known) return known
  const facts = new Facts(store)
  cache.set(key, facts)
  return facts
}

/** A table by its oid, if it is known under any name and search path. */
export function knownTable(store: string, oid: number): TableFacts | undefined {
  for (const facts of cache.values()) {
    if (facts.store !== store) continue
    for (const table of facts.tables.values()) if (table?.oid === oid) return table
  }
  return undefined
}

/** Forgets all facts, after any schema change. Clients keep references to them, so they are emptied, not replaced. */
export function forgetFacts(): void {
  for (const facts of cache.values()) facts.clear()
}

/** The parameters of {@link factsSql}. */
export function factsValues(tables: readonly TableReference[]): readonly string[] {
  return [arrayLiteral(tables.map(({ schema }) => schema ?? null)), arrayLiteral(tables.map(({ table }) => table))]
}
