/** Random INSERT statements. */
import { plainTables, type Table, tables } from './tables.ts'
import type { Writer } from './writer.ts'

export interface InsertParts {
  readonly table: Table
  /** Without RETURNING. */
  readonly text: string
  /** The name that qualifies its columns in RETURNING. */
  readonly reference: string
}

/** An INSERT with or without RETURNING, into any table. */
export function insert(writer: Writer): string {
  const table = writer.random.pick(writer.random.chance(80) ? plainTables : tables)
  const parts = insertInto(writer, table)
  return `${parts.text}${returning(writer, parts)}`
}

export function insertInto(writer: Writer, table: Table): InsertParts {
  const { random } = writer
  if (table.warns) writer.mayMiss(table)
  if (table.type === 'ruled') writer.mayMiss({ type: 'ruled_copies' })
  if (table.behind) writer.mayMiss({ type: table.type, warns: table.warns as string })
  const alias = table.behind === undefined && random.chance(20) ? random.pick(['x', '"The row"', 'excl']) : undefined
  const into = `INSERT INTO ${table.name}${alias ? ` AS ${alias}` : ''}`
  const text = `${into} ${rowsFor(writer, table)}${conflict(writer, table, alias)}`
  return { table, text, reference: alias ?? lastName(table.name) }
}

export function lastName(name: string): string {
  return /("(?:[^"]|"")*"|[^".]+)$/.exec(name)?.[1] ?? name
}

function rowsFor(writer: Writer, table: Table): string {
  const { random } = writer
  if (random.chance(4)) return 'DEFAULT VALUES'
  const columns = table.columns.filter(({ needed }) => (needed ? random.chance(98) : random.chance(60)))
  const [first] = columns
  if (!first) return 'DEFAULT VALUES'
  const names = columns.map(({ name }) => name)
  const identity = table.type === 'orders' || table.type === 'numbered'
  const given = identity && random.chance(15)
  const list = `(${[...names, ...(given ? ['id'] : [])].join(', ')})`
  const overriding = given
    ? random.pick([' OVERRIDING SYSTEM VALUE', ' OVERRIDING USER VALUE', ''])
    : writer.maybe(2, () => ' OVERRIDING USER VALUE')
  const row = () => [
    ...columns.map(({ make }) => writer.value(make)),
    ...(given ? [String(500 + random.below(400))] : []),
  ]
  return `${list}${overriding} ${source(writer, row)}`
}

function source(writer: Writer, row: () => readonly string[]): string {
  const { random } = writer
  const values = () => `(${row().join(', ')})`
  const select = () => `SELECT ${row().join(', ')}`
  return random.weighted<() => string>([
    [50, () => `VALUES ${values()}`],
    [22, () => `VALUES ${random.several(2, 5, values).join(', ')}`],
    [4, select],
    [3, () => `(${select()})`],
    [3, () => `${select()} FROM generate_series(1, ${random.below(4)}) g`],
    [3, () => `${select()} WHERE ${random.pick(['true', 'false'])}`],
    [3, () => `${select()} UNION ALL ${select()}`],
    [3, () => `${select()} FROM users WHERE id < 3`],
    [3, () => `WITH s AS (SELECT 1 AS one) ${select()} FROM s`],
    [2, () => `VALUES (${row().join(', ')}) LIMIT 1`],
    [
      2,
      () =>
        `VALUES (${row()
          .map((value, n) => (n > 0 && random.chance(20) ? 'DEFAULT' : value))
          .join(', ')})`,
    ],
    [1, () => `VALUES (${row().join(', ')}, 1)`],
  ])()
}

function conflict(writer: Writer, table: Table, alias: string | undefined): string {
  const { random } = writer
  if (!table.conflict) return writer.maybe(8, () => ' ON CONFLICT DO NOTHING')
  if (random.chance(55)) return ''
  const { update, targets } = table.conflict
  const target = random.pick(targets)
  const row = alias ?? lastName(table.name)
  return random.weighted<() => string>([
    [3, () => ' ON CONFLICT DO NOTHING'],
    [2, () => ` ON CONFLICT ${target} DO NOTHING`],
    [4, () => ` ON CONFLICT ${target} DO UPDATE SET ${update} = excluded.${update}`],
    [1, () => ` ON CONFLICT ${target} DO UPDATE SET (${update}) = ROW (excluded.${update})`],
    [
      2,
      () => ` ON CONFLICT ${target} DO UPDATE SET ${update} = ${row}.${update} WHERE ${random.pick(['false', 'true'])}`,
    ],
    [1, () => ` ON CONFLICT ${target} DO UPDATE SET ${update} = DEFAULT`],
  ])()
}

/** A RETURNING clause, or an empty text. */
export function returning(writer: Writer, { table, reference }: InsertParts, percent = 55): string {
  const { random } = writer
  if (!random.chance(percent)) return ''
  const column = random.pick(table.columns).name
  const key = table.key[0] ?? column
  const expressions = [
    '*',
    '*',
    key,
    key,
    column,
    `${column} AS "select"`,
    `${column} AS ${key}`,
    `${key}, ${key}`,
    `${reference}.*`,
    `${reference}.${column}`,
    `1 + 1, ${column}, 'a; b'`,
    `upper(${column}::text) AS "Ä 1"`,
    `${reference}`,
    '(SELECT count(*)::int FROM people) AS others',
    'new.*',
    `old.${key} AS before, new.${column}`,
    'current_user, NULL AS nothing',
    `ROW(${key}, ${column})`,
    `"__dustpan_0"`,
    'nope',
    `tableoid::regclass::text`,
  ]
  const options = random.chance(4)
    ? 'WITH (OLD AS o, NEW AS n) o.*, n.*'
    : random.several(1, 2, () => random.pick(expressions)).join(', ')
  return ` RETURNING ${options}`
}
