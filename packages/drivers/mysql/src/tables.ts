/** Reads the facts about a table from the server. */
import type { Json, Proof } from '@dustpan/core/driver'
import { literal, type TableName } from './names.ts'
import type { Row, Session } from './session.ts'

export interface Table extends TableName {
  /** Neither a view nor a sequence. */
  readonly isTable: boolean
  /** Its engine supports transactions. */
  readonly transactional: boolean
  readonly columns: ReadonlyMap<string, Column>
  /** The primary key, or else a unique key of NOT NULL columns; empty if there is none. */
  readonly key: readonly Column[]
  /** The index of the key. */
  readonly keyIndex: string | null
  /** There are other unique keys. */
  readonly hasOtherKeys: boolean
  readonly incarnation: Incarnation
  /** The counter begins no index: each group of rows has numbers of its own. */
  readonly countsGroups: boolean
  /** A timestamp column whose default is the time of insertion. */
  readonly stamp: string | null
  /** A trigger may change what a statement inserts. */
  readonly changesInserts: boolean
  /** The user may not see whether a trigger does. */
  readonly hidesTriggers: boolean
  /** Columns of other tables that the key refers to: an update of theirs may cascade to the key. */
  readonly keyParents: readonly (TableName & { readonly column: string })[]
  /** A trigger from the printed migration fills the metadata columns. */
  readonly marked: boolean
  readonly referencedBy: readonly Reference[]
  readonly visibility: Visibility
  /** Names of columns that a foreign key can refer to. */
  readonly indexed: readonly string[]
}

/**
 * How the foreign keys to a table were read: from InnoDB itself; or from information_schema, by a user who may see every table,
 * or only some.
 */
export type Visibility = 'innodb' | 'every-table' | 'some-tables'

export interface Column {
  readonly name: string
  /** `int`, `varchar`. */
  readonly type: string
  /** `int(10) unsigned`. */
  readonly fullType: string
  readonly length: number
  readonly charset: string | null
  readonly collation: string | null
  readonly default: string | null
  readonly nullable: boolean
  readonly autoIncrement: boolean
  /** Each UPDATE sets it to the current time. */
  readonly followsUpdates: boolean
  /** Computed; it cannot be set. */
  readonly generated: boolean
  /** Not included if a statement names no columns. */
  readonly invisible: boolean
}

export interface Incarnation {
  /** InnoDB's own table id, if the user may read it: changes when the table is truncated or recreated. */
  readonly id?: number
  /** The creation time, which TRUNCATE keeps and ALTER changes. */
  readonly created?: number
}

/** A foreign key, seen from the referenced table. */
export interface Reference extends TableName {
  readonly columns: readonly string[]
  readonly parentColumns: readonly string[]
  readonly rule: 'cascade' | 'set-null' | 'restrict'
}

/**
 * The queries for a table's facts, in this order. `mayProcess`: the user has the privilege PROCESS, and so sees InnoDB's own
 * tables.
 */
export function tableSql({ schema, table }: TableName, session: Session, mayProcess: boolean): readonly string[] {
  const [s, t] = [literal(schema), literal(table)]
  const here = `table_schema = ${s} AND table_name = ${t}`
  return [
    `SELECT table_schema, table_name, table_type, engine, UNIX_TIMESTAMP(create_time), ${mayProcess ? innodbId({ schema, table }, session) : 'NULL'}
      FROM information_schema.tables WHERE ${here} ${noLimit}`,
    `SELECT column_name, data_type, column_type, COALESCE(character_octet_length, 0), character_set_name, collation_name, column_default, is_nullable, extra
      FROM information_schema.columns WHERE ${here} ORDER BY ordinal_position ${noLimit}`,
    `SELECT index_name, column_name, nullable, non_unique FROM information_schema.statistics WHERE ${here}
      ORDER BY index_name <> 'PRIMARY', index_name, seq_in_index ${noLimit}`,
    `SELECT action_timing, event_manipulation, action_statement, NULL, NULL FROM information_schema.triggers WHERE event_object_schema = ${s} AND event_object_table = ${t}
      UNION ALL SELECT 'KEY', column_name, referenced_table_schema, referenced_table_name, referenced_column_name
      FROM information_schema.key_column_usage WHERE ${here} AND referenced_table_name IS NOT NULL ${noLimit}`,
    mayProcess ? innodbReferences({ schema, table }, session) : visibleReferences({ schema, table }),
  ]
}

/** Overrides the user's `sql_select_limit`. */
const noLimit = 'LIMIT 1000000'

/** Undefined: there is no such table. */
export function tableOf(answers: readonly (readonly Row[])[], visibility: Visibility): Table | undefined {
  const [[found] = [], columnRows = [], indexRows = [], ruleRows = [], referenceRows = []] = answers
  if (!found) return undefined
  const [schema, table, type, engine, created, id] = found
  const columns = new Map(columnRows.map((row) => [String(row[0]), columnOf(row)]))
  const triggers = ruleRows.filter(([timing, event]) => timing === 'BEFORE' && event === 'INSERT')
  const keyFacts = keyOf(indexRows, columns)
  const marks = triggers.filter(([, , statement]) => isMarking(statement ?? ''))
  return {
    schema: schema ?? '',
    table: table ?? '',
    isTable: type === 'BASE TABLE' || type === 'SYSTEM VERSIONED',
    transactional: engine === 'InnoDB',
    columns,
    ...keyFacts,
    incarnation: { ...numbered('id', id), ...numbered('created', created) },
    countsGroups: countsGroups(indexRows, columns),
    stamp: [...columns.values()].find(isStamp)?.name ?? null,
    changesInserts: triggers.length > marks.length,
    hidesTriggers: false,
    keyParents: parentsOf(ruleRows, keyFacts.key),
    marked: marks.length > 0,
    referencedBy: referencesOf(referenceRows),
    visibility,
    indexed: [...new Set(indexRows.flatMap(([, column]) => column ?? []))],
  }
}

function parentsOf(rows: readonly Row[], key: readonly Column[]): Table['keyParents'] {
  return rows.flatMap(([kind, name, schema, table, column]) => {
    const isOfKey = kind === 'KEY' && key.some((one) => one.name === name)
    return isOfKey ? [{ schema: schema ?? '', table: table ?? '', column: column ?? '' }] : []
  })
}

/** Whether it is the trigger that `dustpan db migration` prints, which changes no key. */
function isMarking(statement: string): boolean {
  return statement.includes('@dustpan_marker')
}

/** The proof for records. The creation time does not detect a TRUNCATE: it adds little to the key. */
export function proofOf({ incarnation: { id, created } }: Pick<Table, 'incarnation'>): Proof {
  if (id !== undefined) return { incarnation: { id }, strength: 'incarnation' }
  return { ...(created === undefined ? {} : { incarnation: { created } }), strength: 'key-only' }
}

/** A condition that the table's current incarnation is the recorded one. */
export function isIncarnation(table: TableName, recorded: Json | undefined, session: Session): string {
  const { id, created } = (recorded ?? {}) as Incarnation
  if (id !== undefined) return ` AND ${innodbId(table, session)} = ${Number(id)}`
  if (created === undefined) return ''
  const [s, t] = [literal(table.schema), literal(table.table)]
  return ` AND (SELECT UNIX_TIMESTAMP(i.create_time) FROM information_schema.tables i WHERE i.table_schema = ${s} AND i.table_name = ${t}) = ${Number(created)}`
}

/** A condition that the key's columns still have these names: a column of that name may be another column now. */
export function keyIsNamed({ schema, table, keyIndex }: Table, columns: readonly string[]): string {
  const names = `SELECT GROUP_CONCAT(i.column_name ORDER BY i.seq_in_index SEPARATOR ',') FROM information_schema.statistics i`
  const where = `i.table_schema = ${literal(schema)} AND i.table_name = ${literal(table)} AND i.index_name = ${literal(keyIndex ?? '')}`
  return ` AND (${names} WHERE ${where}) = ${literal(columns.join(','))}`
}

/** A condition that the table's next number is greater than those it assigned: the counter restarts when the table is emptied. */
export function counterIsAbove({ schema, table }: TableName, highest: number): string {
  return ` AND COALESCE((SELECT i.auto_increment FROM information_schema.tables i WHERE i.table_schema = ${literal(schema)} AND i.table_name = ${literal(table)}) > ${highest}, TRUE)`
}

/** A condition that no foreign key to the table was added or dropped since they were read. */
export function foreignKeysAreKnown(table: Table, { isMariaDB }: Session): string {
  const keys = isMariaDB ? 'innodb_sys_foreign' : 'innodb_foreign'
  const count =
    table.visibility === 'innodb'
      ? `COUNT(*) FROM information_schema.${keys} f WHERE f.ref_name = ${referredName(table, isMariaDB)}`
      : `COUNT(DISTINCT f.constraint_schema, f.table_name, f.constraint_name) FROM information_schema.key_column_usage f
        WHERE f.referenced_table_schema = ${literal(table.schema)} AND f.referenced_table_name = ${literal(table.table)}`
  return ` AND (SELECT ${count}) = ${table.referencedBy.length}`
}

/**
 * InnoDB's id of the newest partition, if there are several: their names have a suffix after `#`, which no table name contains
 * unescaped.
 */
function innodbId(table: TableName, session: Session): string {
  const tables = session.isMariaDB ? 'innodb_sys_tables' : 'innodb_tables'
  return `(SELECT MAX(i.table_id) FROM information_schema.${tables} i WHERE ${isNamed(table, `SUBSTRING_INDEX(i.name, '#', 1)`, session)})`
}

function isNamed(table: TableName, name: string, { isMariaDB, foldsCase }: Session): string {
  const [exact, written] = [foldsCase ? name : `CAST(${name} AS BINARY)`, fileNames(table, isMariaDB)]
  if (written !== undefined) return `${exact} = ${written}`
  const like = [table.schema, table.table].map((part) => [...part].map(letterLike).join('')).join('/')
  return `${name} REGEXP ${literal(`^${like}$`)}`
}

/** InnoDB encodes names as file names. Undefined: only the server knows the encoding, and MySQL does not expose it. */
function fileNames({ schema, table }: TableName, isMariaDB: boolean): string | undefined {
  const isPlain = /^[ -~]*$/.test(schema + table)
  if (isPlain) return literal([schema, table].map(fileName).join('/'))
  return isMariaDB ? `CONCAT(${asFileName(schema)}, '/', ${asFileName(table)})` : undefined
}

/** Other characters are encoded as `@` and two characters, or four digits. If several tables match, the newest counts. */
function letterLike(letter: string): string {
  return /[ -~]/.test(letter) ? fileName(letter) : '@([^@][^@]|@[a-zA-Z]|[a-zA-Z]@|[0-9a-f]{4})'
}

function fileName(name: string): string {
  return name.replace(/\W/g, (letter) => `@${letter.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

function asFileName(name: string): string {
  return `CONVERT(CAST(CONVERT(${literal(name)} USING filename) AS BINARY) USING utf8mb4)`
}

/** MySQL lists the names in foreign keys unencoded. */
function referredName(table: TableName, isMariaDB: boolean): string {
  return isMariaDB ? (fileNames(table, true) ?? '') : literal(`${table.schema}/${table.table}`)
}

/** Every foreign key to the table, including those of tables that the user may not see. */
function innodbReferences(table: TableName, { isMariaDB }: Session): string {
  const part = (of: string) => (isMariaDB ? `CONVERT(CONVERT(CAST(${of} AS BINARY) USING filename) USING utf8mb4)` : of)
  const schema = part(`SUBSTRING_INDEX(f.for_name, '/', 1)`)
  const name = part(`SUBSTRING(f.for_name, LOCATE('/', f.for_name) + 1)`)
  const [keys, columns] = isMariaDB
    ? ['innodb_sys_foreign', 'innodb_sys_foreign_cols']
    : ['innodb_foreign', 'innodb_foreign_cols']
  return `SELECT f.id, ${schema}, ${name}, c.for_col_name, c.ref_col_name, CASE WHEN f.type & 1 THEN 'CASCADE' WHEN f.type & 2 THEN 'SET NULL' ELSE '' END
    FROM information_schema.${keys} f JOIN information_schema.${columns} c ON c.id = f.id
    WHERE f.ref_name = ${referredName(table, isMariaDB)} ORDER BY f.id, c.pos ${noLimit}`
}

/** MariaDB shows the rule only to users with more privileges than SELECT. */
function visibleReferences({ schema, table }: TableName): string {
  return `SELECT CONCAT(k.constraint_schema, '/', k.table_name, '/', k.constraint_name), k.table_schema, k.table_name, k.column_name, k.referenced_column_name, r.delete_rule
    FROM information_schema.key_column_usage k LEFT JOIN information_schema.referential_constraints r
      ON r.constraint_schema = k.constraint_schema AND r.constraint_name = k.constraint_name AND r.table_name = k.table_name
    WHERE k.referenced_table_schema = ${literal(schema)} AND k.referenced_table_name = ${literal(table)} ORDER BY 1, k.ordinal_position ${noLimit}`
}

function columnOf([name, type, fullType, length, charset, collation, byDefault, nullable, extra]: Row): Column {
  return {
    name: name ?? '',
    type: (type ?? '').toLowerCase(),
    fullType: (fullType ?? '').toLowerCase(),
    length: Number(length ?? 0),
    charset: charset ?? null,
    collation: collation ?? null,
    default: byDefault ?? null,
    nullable: nullable === 'YES',
    autoIncrement: /auto_increment/i.test(extra ?? ''),
    followsUpdates: /\bon update\b/i.test(extra ?? ''),
    invisible: /\binvisible\b/i.test(extra ?? ''),
    generated: /\b(?:virtual|stored|persistent)\b/i.test(extra ?? ''),
  }
}

function keyOf(
  rows: readonly Row[],
  columns: ReadonlyMap<string, Column>,
): Pick<Table, 'key' | 'keyIndex' | 'hasOtherKeys'> {
  const unique = rows.filter(([, , , repeats]) => repeats === '0')
  const keys = Map.groupBy(unique, ([index]) => index ?? '')
  const [keyIndex, fit] =
    [...keys].find(([, parts]) => parts.every(([, column, nullable]) => column !== null && nullable !== 'YES')) ?? []
  const found = (fit ?? []).flatMap(([, column]) => columns.get(column ?? '') ?? [])
  if (!keyIndex || found.length !== fit?.length) return { key: [], keyIndex: null, hasOtherKeys: keys.size > 0 }
  return { key: found, keyIndex, hasOtherKeys: keys.size > 1 }
}

function countsGroups(rows: readonly Row[], columns: ReadonlyMap<string, Column>): boolean {
  const begin = new Set([...Map.groupBy(rows, ([index]) => index).values()].map(([first]) => first?.[1]))
  return [...columns.values()].some(({ name, autoIncrement }) => autoIncrement && !begin.has(name))
}

const isTime = new Set(['timestamp', 'datetime'])

function isStamp(column: Column): boolean {
  return (
    isTime.has(column.type) &&
    !column.followsUpdates &&
    /^(?:current_timestamp|now|localtimestamp)/i.test(column.default ?? '')
  )
}

function referencesOf(rows: readonly Row[]): readonly Reference[] {
  const rules = { CASCADE: 'cascade', 'SET NULL': 'set-null' } as const
  return [...Map.groupBy(rows, ([id]) => id).values()].flatMap((parts) => {
    const [, schema, table, , , rule] = parts[0] ?? []
    const names = { schema: schema ?? '', table: table ?? '' }
    const [columns, parentColumns] = [parts.map((part) => part[3] ?? ''), parts.map((part) => part[4] ?? '')]
    return [{ ...names, columns, parentColumns, rule: rules[rule as keyof typeof rules] ?? 'restrict' }]
  })
}

function numbered<Name extends string>(
  name: Name,
  text: string | null | undefined,
): { readonly [name in Name]?: number } {
  return (text === null || text === undefined ? {} : { [name]: Number(text) }) as { readonly [name in Name]?: number }
}
