/** The tables of the schema, with possible values for each column and clauses for each table. */
import type { Random } from '@dustpan/conformance/sql-fuzz'

/** One value, as SQL and as a parameter. */
export interface Value {
  readonly sql: string
  readonly param: unknown
}

export type MakeValue = (random: Random) => Value

export interface Column {
  readonly name: string
  readonly make: MakeValue
  readonly needed?: true
}

export interface Table {
  /** The name as it is written in SQL. */
  readonly name: string
  /** The type of its resources. */
  readonly type: string
  readonly columns: readonly Column[]
  readonly key: readonly string[]
  /** Possible targets of ON CONFLICT, and a column to update. */
  readonly conflict?: { readonly targets: readonly string[]; readonly update: string }
  /** The code of the warning if its rows are not tracked. */
  readonly warns?: string
  /** The table into which a view inserts. */
  readonly behind?: string
}

const quote = (text: string) => `'${text.replaceAll("'", "''")}'`
const text = (value: string): Value => ({ sql: quote(value), param: value })

const int =
  (least: number, most: number): MakeValue =>
  (random) => {
    const number = least + random.below(most - least + 1)
    return { sql: String(number), param: random.chance(70) ? number : String(number) }
  }
const word =
  (prefix: string, count: number): MakeValue =>
  (random) =>
    text(prefix + random.below(count))
const oneOf =
  (...values: readonly string[]): MakeValue =>
  (random) =>
    text(random.pick(values))
const typed =
  (type: string, make: MakeValue): MakeValue =>
  (random) => {
    const { sql, param } = make(random)
    return { sql: random.chance(50) ? `${sql}::${type}` : sql, param }
  }
const maybe =
  (percent: number, make: MakeValue): MakeValue =>
  (random) =>
    random.chance(percent) ? { sql: 'NULL', param: null } : make(random)

const body = oneOf(
  'plain',
  "it's",
  'a; b',
  '--no',
  '/* no */',
  'ä€😀',
  '$1',
  '$$',
  '"q"',
  'RETURNING',
  '',
  'line\nbreak',
)
const uuid: MakeValue = (random) => text(`00000000-0000-4000-8000-0000000000${10 + random.below(80)}`)
const day: MakeValue = (random) => text(`2020-02-0${1 + random.below(9)}`)
const mood = oneOf('sad', 'ok', "it's; fine")
const bytes: MakeValue = (random) => {
  const byte = random.below(6)
  return { sql: `'\\x0${byte}'`, param: Buffer.from([byte]) }
}

const unattributed = 'DUSTPAN_SQL_UNATTRIBUTED'

export const tables: readonly Table[] = [
  {
    name: 'users',
    type: 'users',
    key: ['id'],
    columns: [
      { name: 'name', make: word('n', 40), needed: true },
      { name: 'age', make: maybe(10, int(-1, 90)) },
    ],
    conflict: { targets: ['(name)', 'ON CONSTRAINT users_name_key'], update: 'age' },
  },
  {
    name: 'public."users"',
    type: 'users',
    key: ['id'],
    columns: [{ name: '"name"', make: body, needed: true }],
    conflict: { targets: ['(name)'], update: 'age' },
  },
  {
    name: 'orders',
    type: 'orders',
    key: ['id'],
    columns: [
      { name: 'user_id', make: maybe(5, int(1, 6)), needed: true },
      { name: 'total', make: int(0, 2_000_000) },
    ],
  },
  { name: 'numbered', type: 'numbered', key: ['id'], columns: [{ name: 'note', make: word('a note ', 2_000_00) }] },
  {
    name: 'notes',
    type: 'notes',
    key: ['id'],
    columns: [
      { name: 'id', make: typed('uuid', uuid) },
      { name: 'body', make: body },
    ],
    conflict: { targets: ['(id)', 'ON CONSTRAINT notes_pkey'], update: 'body' },
  },
  {
    name: 'parts',
    type: 'parts',
    key: ['b', 'a'],
    columns: [
      { name: 'a', make: int(1, 30), needed: true },
      { name: 'b', make: word('p', 4), needed: true },
      { name: 'c', make: body },
    ],
    conflict: { targets: ['(a, b)', 'ON CONSTRAINT parts_pkey'], update: 'c' },
  },
  {
    name: 'codes',
    type: 'codes',
    key: ['code'],
    columns: [
      { name: 'code', make: word('k', 90), needed: true },
      { name: 'label', make: word('l', 30_000) },
    ],
    conflict: { targets: ['(code)'], update: 'label' },
  },
  {
    name: 'keyless',
    type: 'keyless',
    key: [],
    columns: [{ name: 'a', make: int(1, 9) }],
    warns: 'DUSTPAN_NO_PRIMARY_KEY',
  },
  {
    name: 'uniquely',
    type: 'uniquely',
    key: ['code'],
    columns: [
      { name: 'code', make: maybe(5, word('k', 90)), needed: true },
      { name: 'a', make: int(1, 9) },
    ],
    conflict: { targets: ['(code)'], update: 'a' },
  },
  { name: 'taxed', type: 'taxed', key: ['id'], columns: [{ name: 'price', make: int(0, 900) }] },
  {
    name: 'rich',
    type: 'rich',
    key: ['id'],
    columns: [
      { name: 'level', make: maybe(20, int(0, 9)) },
      { name: 'state', make: typed('mood', mood) },
      { name: 'tags', make: (random) => ({ sql: "ARRAY['a', 'b;']", param: ['a', random.pick(['b;', null, '"'])] }) },
      { name: 'doc', make: (random) => ({ sql: `'{"a": [1, "'';"]}'`, param: { a: random.below(9), b: "';--" } }) },
      { name: 'raw', make: bytes },
      { name: 'day', make: day },
      { name: 'at', make: () => ({ sql: `'2020-01-01 10:00+02'`, param: new Date(1e12) }) },
      { name: 'flag', make: (random) => ({ sql: 'true', param: random.chance(50) }) },
      { name: 'ratio', make: () => ({ sql: '1.5e3', param: 0.1 }) },
      { name: 'span', make: () => ({ sql: "'[1,5)'", param: '[2,3]' }) },
    ],
  },
  {
    name: 'daily',
    type: 'daily',
    key: ['day', 'state', 'raw'],
    columns: [
      { name: 'day', make: day, needed: true },
      { name: 'state', make: mood, needed: true },
      { name: 'raw', make: bytes },
      { name: 'n', make: int(1, 9) },
    ],
    conflict: { targets: ['(day, state, raw)', 'ON CONSTRAINT daily_pkey'], update: 'n' },
  },
  {
    name: 'partly',
    type: 'partly',
    key: ['id'],
    columns: [
      { name: 'email', make: oneOf('e1@x', 'E2@x', 'e2@X', 'e3@x', 'e4@x', 'e5@x'), needed: true },
      { name: 'active', make: (random) => ({ sql: 'false', param: random.chance(60) }) },
    ],
    conflict: { targets: ['(lower(email)) WHERE active'], update: 'active' },
  },
  {
    name: 'split',
    type: 'split',
    key: ['id', 'region'],
    columns: [
      { name: 'id', make: int(1, 40), needed: true },
      { name: 'region', make: oneOf('eu', 'us', 'asia'), needed: true },
      { name: 'n', make: int(1, 9) },
    ],
    conflict: { targets: ['(id, region)'], update: 'n' },
  },
  {
    name: 'split_eu',
    type: 'split_eu',
    key: ['id', 'region'],
    columns: [
      { name: 'id', make: int(1, 60), needed: true },
      { name: 'region', make: oneOf('eu', 'eu', 'eu', 'us'), needed: true },
    ],
    conflict: { targets: ['(id, region)'], update: 'n' },
  },
  {
    name: 'people',
    type: 'people',
    key: ['id'],
    columns: [
      { name: 'id', make: int(1, 40), needed: true },
      { name: 'name', make: word('m', 9) },
    ],
    conflict: { targets: ['(id)'], update: 'name' },
  },
  {
    name: 'staff',
    type: 'staff',
    key: ['id'],
    columns: [
      { name: 'id', make: int(1, 40), needed: true },
      { name: 'job', make: word('j', 9) },
    ],
    conflict: { targets: ['(id)'], update: 'job' },
  },
  {
    name: 'due',
    type: 'due',
    key: [],
    columns: [
      { name: 'id', make: int(1, 30), needed: true },
      { name: 'code', make: word('d', 9), needed: true },
    ],
    warns: 'DUSTPAN_NO_PRIMARY_KEY',
  },
  { name: 'lines', type: 'lines', key: ['id'], columns: [{ name: 'user_id', make: int(1, 7) }] },
  { name: 'fast', type: 'fast', key: ['id'], columns: [{ name: 'v', make: body }] },
  {
    name: 'secured',
    type: 'secured',
    key: ['id'],
    columns: [{ name: 'owner', make: oneOf('app', 'somebody') }],
  },
  { name: 'ruled', type: 'ruled', key: ['id'], columns: [{ name: 'v', make: body }], warns: unattributed },
  {
    name: '"Odd.Schema; --"."Tä""b.le; x"',
    type: 'Odd.Schema; --.Tä"b.le; x',
    key: ['"Id Col"'],
    columns: [
      { name: '"Id Col"', make: word('ö', 60), needed: true },
      { name: '"sel;ect"', make: int(1, 9) },
      { name: '"名前"', make: body },
    ],
    conflict: { targets: ['("Id Col")'], update: '"sel;ect"' },
  },
  {
    name: 'aux.users',
    type: 'aux.users',
    key: ['key'],
    columns: [
      { name: 'key', make: word('k', 90), needed: true },
      { name: 'name', make: body },
    ],
    conflict: { targets: ['(key)'], update: 'name' },
  },
  {
    name: 'triggered',
    type: 'triggered',
    key: ['id'],
    columns: [{ name: 'body', make: oneOf('none', ...Array.from({ length: 30 }, (_, n) => `b${n}`)), needed: true }],
    conflict: { targets: ['(id)'], update: 'body' },
  },
  { name: 'redirected', type: 'redirected', key: ['id'], columns: [{ name: 'v', make: word('r', 30) }] },
  {
    name: 'audited',
    type: 'audited',
    key: ['id'],
    columns: [{ name: 'v', make: oneOf('a', 'b', 'again', 'c') }],
    conflict: { targets: ['(id)'], update: 'v' },
  },
  {
    name: 'names',
    type: 'users',
    key: ['id'],
    columns: [{ name: 'name', make: word('v', 60), needed: true }],
    warns: unattributed,
    behind: 'users',
  },
  {
    name: 'door',
    type: 'fast',
    key: ['id'],
    columns: [{ name: 'knock', make: body }],
    warns: unattributed,
    behind: 'fast',
  },
]

/** Tables whose rows are tracked in any form of statement. */
export const plainTables = tables.filter(({ warns }) => warns === undefined)
