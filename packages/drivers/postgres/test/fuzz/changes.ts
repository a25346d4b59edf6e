/** Random UPDATE, DELETE, MERGE and WITH statements. */
import { type InsertParts, insertInto, lastName, returning } from './inserts.ts'
import { plainTables, type Table } from './tables.ts'
import type { Writer } from './writer.ts'

/** Never updates a key, as rows are not tracked after that. */
export function update(writer: Writer): string {
  const table = writer.random.pick(plainTables)
  const column = changeable(writer, table)
  if (!column) return 'UPDATE users SET age = age + 1 WHERE id = 2'
  const set = `UPDATE ${table.name} SET ${column.name} = ${writer.value(column.make)}`
  return `${set}${where(writer, table)}${returning(writer, partsOf(table), 30)}`
}

/** Deletes some rows, rarely all. */
export function remove(writer: Writer): string {
  const table = writer.random.pick(plainTables)
  const alias = writer.random.chance(20) ? ' x' : ''
  const only = writer.maybe(10, () => 'ONLY ')
  const using = writer.maybe(10, () => ' USING (VALUES (1)) v(one)')
  const parts = { ...partsOf(table), reference: alias ? 'x' : lastName(table.name) }
  return `DELETE FROM ${only}${table.name}${alias}${using}${where(writer, table)}${returning(writer, parts, 35)}`
}

export function merge(writer: Writer): string {
  const { random } = writer
  const table = random.pick(['parts', 'split'])
  const type = table
  writer.mayMiss({ type }, 'DUSTPAN_SQL_UNATTRIBUTED')
  const [match, row] =
    table === 'parts' ? ["t.a = v.i AND b = 'm'", "v.i, 'm', 'x'"] : ["t.id = v.i AND region = 'eu'", "v.i, 'eu', 3"]
  const ids = random.several(1, 3, () => `(${60 + random.below(30)})`).join(', ')
  const more = random.pick(['', ' WHEN MATCHED THEN DELETE', ' WHEN MATCHED THEN DO NOTHING'])
  return `MERGE INTO ${table} t USING (VALUES ${ids}) v(i) ON ${match} WHEN NOT MATCHED THEN INSERT VALUES (${row})${more}${writer.maybe(30, () => ' RETURNING merge_action(), t.*')}`
}

/** WITH queries that write, and their main query. */
export function withQueries(writer: Writer): string {
  const { random } = writer
  const inner = random.chance(60)
    ? random.several(1, 4, () => keyedQuery(writer))
    : [random.chance(70) ? insertQuery(writer) : changeQuery(writer)]
  const plain = writer.maybe(25, () => `s AS MATERIALIZED (SELECT 1 AS one), `)
  const queries = inner.map(({ text }, n) => `q${n} AS (${text})`).join(', ')
  const last = `q${inner.length - 1}`
  const readable = inner.at(-1)?.returns === true
  const main = inner.length === 1 ? mainOf(writer, last, readable) : mainInOrder(writer, last, readable)
  const recursive = writer.maybe(5, () => 'RECURSIVE ')
  for (const { table, hides } of inner)
    if (table && (hides || /^merge/i.test(main))) writer.mayMiss({ type: table.type }, 'DUSTPAN_SQL_UNATTRIBUTED')
  return `WITH ${recursive}${plain}${queries} ${main}`
}

interface Query {
  readonly table?: Table
  readonly text: string
  readonly returns: boolean
  /** A `*` in the main query would show added columns, and the key may not be returned. */
  readonly hides: boolean
}

function insertQuery(writer: Writer): Query {
  const { random } = writer
  const table = random.pick(plainTables)
  const parts = insertInto(writer, table)
  const clause = returning(writer, parts, 75)
  return { table, text: `${parts.text}${clause}`, returns: clause !== '', hides: clause !== '' }
}

/** An INSERT whose key can always be returned: several run in the same order with and without capture. */
function keyedQuery(writer: Writer): Query {
  const table = writer.random.pick(plainTables)
  const parts = insertInto(writer, table)
  const clause = / DO UPDATE /.test(parts.text)
    ? ''
    : writer.random.pick(['', ` RETURNING ${table.key.join(', ')}`, ' RETURNING *'])
  return { table, text: `${parts.text}${clause}`, returns: clause !== '', hides: false }
}

function changeQuery(writer: Writer): Query {
  const text = writer.random.chance(50) ? update(writer) : remove(writer)
  return { text, returns: /RETURNING/.test(text), hides: false }
}

function mainInOrder(writer: Writer, last: string, readable: boolean): string {
  if (writer.random.chance(30)) return insertWhole(writer)
  return readable ? writer.random.pick([`SELECT * FROM ${last}`, `SELECT count(*) FROM ${last}`]) : 'SELECT 1 AS one'
}

function mainOf(writer: Writer, last: string, readable: boolean): string {
  const { random } = writer
  const from = readable ? ` FROM ${last}` : ''
  return random.weighted<() => string>([
    [12, () => (readable ? `SELECT *${from}` : 'SELECT 1 AS one')],
    [4, () => `SELECT count(*)::int AS n${from}`],
    [4, () => `SELECT 'x' AS a, 2 AS a, NULL${from}`],
    [2, () => `SELECT${from}`],
    [3, () => `SELECT 1 AS one${from} WHERE false`],
    [2, () => (readable ? `TABLE ${last}` : 'VALUES (1), (2)')],
    [2, () => (readable ? `SELECT ${last}${from}` : 'SELECT now() IS NULL')],
    [3, () => `SELECT * FROM people WHERE id < 3 ORDER BY id DESC LIMIT 2`],
    [2, () => `SELECT id FROM users WHERE id < 3 UNION ALL SELECT 7`],
    [2, () => `SELECT id, name FROM users WHERE id < 3 ORDER BY id FOR UPDATE`],
    [4, () => insertWhole(writer)],
    [3, () => update(writer)],
    [3, () => remove(writer)],
    [2, () => merge(writer)],
  ])()
}

function insertWhole(writer: Writer): string {
  const parts = insertInto(writer, writer.random.pick(plainTables))
  return `${parts.text}${returning(writer, parts)}`
}

function partsOf(table: Table): InsertParts {
  return { table, text: '', reference: lastName(table.name) }
}

function changeable(writer: Writer, { columns, key, conflict }: Table) {
  const free = columns.filter(({ name }) => !key.includes(name) && name !== 'region')
  return conflict ? (free.find(({ name }) => name === conflict.update) ?? free[0]) : writer.random.pick(free)
}

function where(writer: Writer, { columns, key }: Table): string {
  const { random } = writer
  const column = random.pick(columns)
  return random.weighted<() => string>([
    [8, () => ` WHERE ${column.name} = ${writer.value(column.make)}`],
    [2, () => ` WHERE ${column.name}::text > 'm'`],
    [2, () => ` WHERE ${key[0]}::text LIKE '%2'`],
    [1, () => ` WHERE ${column.name} IS NULL`],
    [1, () => ' WHERE false'],
    [1, () => ' WHERE nope = 1'],
  ])()
}
