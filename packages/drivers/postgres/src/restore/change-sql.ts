/**
 * Builds the statements that inspect changed rows and restore them. Values stay in the database: the row images are read
 * from the log there.
 */
import { quoteIdentifier, quoteTable } from '../names.ts'
import type { Sql } from '../removal/exchange.ts'
import { Parameters } from '../removal/statement-parts.ts'
import type { Change } from './change.ts'
import type { RestorableTable } from './restorable-tables.ts'

type Key = readonly string[]

/**
 * For each change: its number, its operation, whether the table has not been emptied since, whether the log has the
 * resulting image, whether the row exists, whether another writer may have taken it away, its current key, and three lists
 * of columns: changed and not restored yet, those of them that differ from the resulting image too, and those that cannot
 * be written back.
 */
export function lookSql(table: RestorableTable, key: Key, changes: readonly Change[]): Sql {
  const parameters = new Parameters()
  const k = numbered(table, changes, parameters)
  const columns = `${parameters.add(table.columns)}::text[]`
  const name = `${parameters.add(quoteTable(table))}::text`
  const text = `WITH k AS MATERIALIZED (${k})
    SELECT json_build_array(k.n, k.op, k.here, k.known, t.now IS NOT NULL, t.now IS NULL AND (row_security_active(${name}) OR ${wasTakenAway}), ${keyText(key, '(k.place)')},
      coalesce(c.left_over, '[]'), coalesce(c.strange, '[]'), array_to_json(k.odd))
    FROM k LEFT JOIN LATERAL (
      SELECT to_jsonb(t) AS now, 1 AS turn FROM ${tableSql(table)} t WHERE ${isAt(key, '(k.place)')}
      UNION ALL SELECT to_jsonb(t), 2 FROM ${tableSql(table)} t WHERE ${isAt(key, '(k.before)')} ORDER BY turn LIMIT 1) t ON true
    LEFT JOIN LATERAL (
      SELECT json_agg(c) FILTER (WHERE t.now -> c IS DISTINCT FROM b.b -> c) AS left_over,
        json_agg(c) FILTER (WHERE t.now -> c IS DISTINCT FROM b.b -> c AND t.now -> c IS DISTINCT FROM b.a -> c) AS strange
      FROM (SELECT to_jsonb(k.before) AS b, to_jsonb(k.after) AS a) b, unnest(${columns}) c
      WHERE k.names ? c AND b.b -> c IS DISTINCT FROM b.a -> c) c ON true`
  return { text, values: parameters.values }
}

/** The log holds every deletion and key change, except those by Dustpan. */
const wasTakenAway = `EXISTS (SELECT FROM dustpan.log o WHERE o.key = k.key AND o.id > k.last AND (o.op = 'd' OR o.key_now IS NOT NULL)
  AND coalesce(pg_partition_root(o.rel), o.rel) = coalesce(pg_partition_root(k.rel), k.rel))`

/** Restores changed rows. Returns their numbers, each with the columns that still differ, because a trigger set them. */
export function updateSql(
  table: RestorableTable,
  key: Key,
  columns: readonly string[],
  changes: readonly Change[],
): Sql {
  const parameters = new Parameters()
  const names = columns.map(quoteIdentifier)
  const set = names.map((name) => `${name} = (k.before).${name}`)
  const isUnchanged = names.map((name) => `${json(`t.${name}`)} = ${json(`(k.after).${name}`)}`)
  const differing = names.map(
    (name, index) => `CASE WHEN ${json(`t.${name}`)} <> ${json(`(k.before).${name}`)} THEN ${index} END`,
  )
  const text = `WITH k AS MATERIALIZED (${numbered(table, changes, parameters)}),
    done AS (UPDATE ${tableSql(table)} t SET ${set.join(', ')} FROM k
      WHERE ${isAt(key, '(k.place)')} AND ${isUnchanged.join(' AND ')} RETURNING k.n, k.run, k.scope, k.first, k.last,
        array_remove(ARRAY[${differing.join(', ')}], NULL) AS other, ${imageOf('k')}, to_jsonb(t) AS made),
    s AS (${strike('done')}), e AS (${updateEarlierLines('done')})
    SELECT json_build_array(n, other) FROM done`
  return { text, values: parameters.values }
}

export interface Insertion {
  readonly table: RestorableTable
  readonly key: Key
  readonly columns: readonly string[]
  readonly changes: readonly Change[]
}

/**
 * Inserts deleted rows of several tables in one statement, so that rows may refer to each other: foreign keys are checked
 * at its end. Returns the numbers by table.
 */
export function insertSql(insertions: readonly Insertion[]): Sql {
  const parameters = new Parameters()
  const parts = insertions.map(({ table, key, columns, changes }, index) => {
    const names = columns.map(quoteIdentifier)
    const [k, ins, done] = [`k${index}`, `i${index}`, `d${index}`]
    const at = key.map((name, part) => `${ins}.p${part} = (${k}.before).${quoteIdentifier(name)}`)
    const returned = key.map((name, part) => `r.${quoteIdentifier(name)} AS p${part}`)
    return `${k} AS MATERIALIZED (${numbered(table, changes, parameters)}),
      ${ins} AS (INSERT INTO ${quoteTable(table)} AS r (${names.join(', ')}) OVERRIDING SYSTEM VALUE
        SELECT ${names.map((name) => `(${k}.before).${name}`).join(', ')} FROM ${k}
        WHERE NOT EXISTS (SELECT FROM ${tableSql(table)} t WHERE ${isAt(key, `(${k}.before)`)}) ORDER BY ${k}.n RETURNING ${returned.join(', ')}, to_jsonb(r) AS made),
      ${done} AS (SELECT ${k}.n, ${k}.run, ${k}.scope, ${k}.first, ${k}.last, ${imageOf(k)}, ${ins}.made FROM ${k} JOIN ${ins} ON ${at.join(' AND ')}),
      s${index} AS (${strike(done)}), e${index} AS (${updateEarlierLines(done)})`
  })
  const lists = insertions.map((_, index) => `(SELECT json_agg(n) FROM d${index})`)
  return {
    text: `WITH ${parts.join(', ')} SELECT json_build_array(${lists.join(', ')})`,
    values: parameters.values,
  }
}

/** Removes the lines of settled changes from the log. */
export function strikeSql(changes: readonly Change[]): Sql {
  const parameters = new Parameters()
  return { text: strike(`(SELECT * FROM ${changeList(changes, parameters)}) done`), values: parameters.values }
}

function strike(done: string): string {
  return `DELETE FROM dustpan.log WHERE (run, scope, id) IN (
    SELECT run, scope, unnest(ARRAY[first, last]) FROM ${done})`
}

const imageOf = (k: string): string => `${k}.rel, ${k}.key_was, ${k}.names, to_jsonb(${k}.before) AS wanted`

/**
 * A value that a trigger set during the restoring is Dustpan's doing: earlier changes of the row are updated to expect it,
 * so that their result still matches the row.
 */
function updateEarlierLines(done: string): string {
  return `UPDATE dustpan.log l SET now = l.now || (SELECT coalesce(jsonb_object_agg(c.key, c.value), '{}') FROM jsonb_each(d.made) c
      WHERE c.value <> d.wanted -> c.key AND l.now -> c.key = d.names -> c.key)
    FROM ${done} d WHERE d.made <> d.wanted AND l.key = d.key_was AND l.key_now IS NULL AND l.now IS NOT NULL AND l.settled AND l.id < d.first
      AND coalesce(pg_partition_root(l.rel), l.rel) = coalesce(pg_partition_root(d.rel), d.rel)`
}

function changeList(changes: readonly Change[], parameters: Parameters): string {
  const lists = [
    `${parameters.add(changes.map(({ args }) => args.run))}::text[]`,
    `${parameters.add(changes.map(({ args }) => args.scope))}::text[]`,
    `${parameters.add(changes.map(({ first }) => String(first)))}::int8[]`,
    `${parameters.add(changes.map(({ last }) => String(last)))}::int8[]`,
  ]
  return `unnest(${lists.join(', ')}) WITH ORDINALITY k(run, scope, first, last, n)`
}

/**
 * The images as rows of the table's own type, so that values are equal whatever the settings of the session that wrote
 * them.
 */
function numbered(table: RestorableTable, changes: readonly Change[], parameters: Parameters): string {
  const type = `NULL::${quoteTable(table)}`
  const odd = `${parameters.add(table.odd)}::text[]`
  return `SELECT x.*, CASE WHEN x.op = 'd' THEN x.before ELSE x.after END AS place FROM (
    SELECT k.*, l.op, l.rel, coalesce(l.key_now, l.key) AS key, f.key AS key_was, l.op = 'd' OR l.now IS NOT NULL AS known, pg_relation_filenode(f.rel) IS NOT DISTINCT FROM f.node AS here, f.was AS names,
      ARRAY(SELECT o FROM unnest(${odd}) o WHERE coalesce(f.was -> o, 'null') <> coalesce(l.now -> o, 'null')) AS odd,
      jsonb_populate_record(${type}, f.was - ${odd}) AS before,
      CASE WHEN l.op <> 'd' THEN jsonb_populate_record(${type}, l.now - ${odd}) END AS after
    FROM ${changeList(changes, parameters)}, ${logLine('first')} f, ${logLine('last')} l WHERE f.was IS NOT NULL) x`
}

/** Reads lines one by one with the full index key: for a join of lists the planner would expect almost no matches. */
function logLine(which: 'first' | 'last'): string {
  return `LATERAL (SELECT * FROM dustpan.log o WHERE (o.run, o.scope, o.id) = (k.run, k.scope, k.${which}) OFFSET 0)`
}

/** The table in SQL. `ONLY` excludes rows of inheriting tables. */
function tableSql(table: RestorableTable): string {
  return `${table.kind === 'r' ? 'ONLY ' : ''}${quoteTable(table)}`
}

function isAt(key: Key, row: string): string {
  return key.map((name) => `t.${quoteIdentifier(name)} = ${row}.${quoteIdentifier(name)}`).join(' AND ')
}

function keyText(key: Key, row: string): string {
  return `json_build_array(${key.map((name) => `${row}.${quoteIdentifier(name)}::text`).join(', ')})`
}

/** Compares as JSON, because not every type has an equality operator. */
const json = (value: string): string => `coalesce(to_jsonb(${value}), 'null')`
