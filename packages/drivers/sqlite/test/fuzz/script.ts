/** Random statements. */
import { Random } from '@dustpan/conformance/sql-fuzz'

export const ways = ['exec', 'run', 'get', 'all', 'iterate', 'first', 'twice'] as const

export interface Step {
  readonly by: (typeof ways)[number]
  readonly text: string
  readonly values: readonly unknown[]
}

export function script(seed: number, length: number): Step[] {
  const random = new Random(seed)
  const steps: Step[] = []
  while (steps.length < length) steps.push(...(random.chance(10) ? transaction(random) : [step(random)]))
  return steps
}

function say(text: string): Step {
  return { by: 'exec', text, values: [] }
}

function step(random: Random): Step {
  if (random.chance(8)) return say(random.several(2, 4, () => statement(random).replaceAll('?', '5')).join('; '))
  const text = laidOut(random, statement(random))
  const values = [...text.replace(/'[^']*'/g, '').matchAll(/\?/g)].map(() => value(random, text))
  const fitting = ways.filter(
    (way) => !(values.length > 0 && way === 'exec') && !(text.includes('later') && stopsEarly.has(way)),
  )
  return { by: random.pick(fitting), text, values }
}

/** With these, a violated deferred constraint rolls back the row without an error. */
const stopsEarly = new Set<Step['by']>(['get', 'first', 'iterate'])

/** An invalid rowid stops a statement half-way if its table has no triggers, and rolls it back if it has. */
function value(random: Random, text: string): unknown {
  const whole = [random.below(20), random.below(20), BigInt(random.below(20)), null]
  return random.pick(
    takesAny.test(text) ? [...whole, `k${random.below(9)}`, Buffer.from([random.below(4)]), 1.5] : whole,
  )
}

const takesAny = /\b(?:bare|pairs|blobs|loose|replacing|away)\b/i

function transaction(random: Random): Step[] {
  const inside = random.several(1, 6, () => (random.chance(25) ? say(random.pick(points)) : step(random)))
  return [
    say(random.pick(['BEGIN', 'BEGIN IMMEDIATE', 'SAVEPOINT a'])),
    ...inside,
    say(random.pick(['COMMIT', 'END', 'ROLLBACK', 'RELEASE a; COMMIT'])),
  ]
}

const points = [
  'SAVEPOINT a',
  'SAVEPOINT b',
  'ROLLBACK TO a',
  'ROLLBACK TO b',
  'RELEASE a',
  'RELEASE b',
  'COMMIT',
  'BEGIN',
]

function laidOut(random: Random, text: string): string {
  const before = random.pick(['', '', '', '  ', '-- a; b\n', '/* ; */ ', ';'])
  const after = random.pick(['', '', '', ';', ' ; ', ' -- end', '; -- end\n'])
  return before + (random.chance(20) ? text.replaceAll(' ', '\n\t') : text) + after
}

/** Integers beyond the safe range of numbers cannot be read without an option. */
function statement(random: Random): string {
  const text = random.weighted(kinds)(random)
  return text.includes('9007') ? text.replace(/ RETURNING .*/, '') : text
}

const kinds: readonly (readonly [number, (random: Random) => string])[] = [
  [45, insert],
  [8, update],
  [7, remove],
  [3, withInsert],
  [3, define],
  [4, aside],
]

interface Target {
  readonly name: string
  readonly columns: readonly (readonly [name: string, make: (random: Random) => string])[]
  readonly unique: readonly string[]
}

const number = (random: Random) => (random.chance(25) ? '?' : String(random.below(30)))
/** A value that STRICT accepts: with two errors in a row, which one is reported depends on whether its table has triggers. */
const sure = (random: Random) => String(random.below(30))
const big = (random: Random) => (random.chance(5) ? '9007199254740993' : number(random))
const word = (random: Random) => (random.chance(15) ? '?' : `'k${random.below(25)}'`)
const any = (random: Random) => random.pick(['NULL', "'it''s; x'", '1.5', "x'00ff'", "'only'", '?', '7'])

const targets: readonly Target[] = [
  {
    name: 't',
    columns: [
      ['id', big],
      ['u', number],
      ['n', number],
    ],
    unique: ['id', 'u'],
  },
  {
    name: 'main.t',
    columns: [
      ['u', number],
      ['n', number],
    ],
    unique: ['u'],
  },
  {
    name: 'auto',
    columns: [
      ['id', number],
      ['u', number],
    ],
    unique: ['id', 'u'],
  },
  {
    name: 'pairs',
    columns: [
      ['a', number],
      ['b', word],
      ['n', any],
    ],
    unique: ['a, b'],
  },
  {
    name: 'strict_ones',
    columns: [
      ['id', number],
      ['u', any],
      ['n', sure],
    ],
    unique: ['id', 'u'],
  },
  {
    name: 'bare',
    columns: [
      ['u', number],
      ['n', any],
    ],
    unique: [],
  },
  {
    name: 'gen',
    columns: [
      ['id', number],
      ['n', number],
    ],
    unique: ['id', 'twice'],
  },
  {
    name: 'blobs',
    columns: [
      ['k', (random) => `x'0${random.below(9)}'`],
      ['n', any],
    ],
    unique: ['k'],
  },
  {
    name: 'replacing',
    columns: [
      ['code', word],
      ['u', number],
    ],
    unique: ['code'],
  },
  {
    name: 'loose',
    columns: [
      ['code', (random) => (random.chance(20) ? 'NULL' : word(random))],
      ['n', any],
    ],
    unique: ['code'],
  },
  { name: '"odd; na""me -- [x]"', columns: [['"Id Col"', word]], unique: ['"Id Col"'] },
  { name: 'parent', columns: [['id', number]], unique: ['id'] },
  { name: 'child', columns: [['parent', (random) => random.pick(['NULL', '1001'])]], unique: ['id'] },
  { name: 'later', columns: [['parent', number]], unique: ['id'] },
  {
    name: 'far.t',
    columns: [
      ['id', number],
      ['u', number],
    ],
    unique: ['id', 'u'],
  },
  {
    name: 'FAR.away',
    columns: [
      ['k', word],
      ['v', any],
    ],
    unique: ['k'],
  },
  { name: 'both', columns: [['u', number]], unique: [] },
]

function insert(random: Random): string {
  const target = random.pick(targets)
  const columns = target.columns.filter(() => random.chance(85))
  const verb = random.weighted([
    [10, 'INSERT'],
    [1, 'INSERT OR IGNORE'],
    [1, 'INSERT OR REPLACE'],
    [1, 'INSERT OR FAIL'],
    [1, 'INSERT OR ABORT'],
    [1, 'INSERT OR ROLLBACK'],
    [1, 'REPLACE'],
    [1, 'insert or\nreplace'],
  ])
  if (columns.length === 0) return `${verb} INTO ${target.name} DEFAULT VALUES${returning(random, target)}`
  const row = () => columns.map(([, make]) => make(random)).join(', ')
  const list = columns.map(([name]) => name).join(', ')
  const source = random.weighted<() => string>([
    [10, () => `VALUES (${row()})`],
    [4, () => `VALUES ${random.several(2, 4, () => `(${row()})`).join(', ')}`],
    [2, () => `SELECT ${row()}`],
    [1, () => `SELECT ${row()} FROM t WHERE id < 5`],
    [1, () => `SELECT ${row()} UNION ALL SELECT ${row()}`],
  ])()
  return `${verb} INTO ${target.name}${random.chance(10) ? ' AS x' : ''} (${list}) ${source}${upsert(random, target, source)}${returning(random, target)}`
}

function upsert(random: Random, { unique, columns }: Target, source: string): string {
  if (unique.length === 0 || !random.chance(25)) return ''
  const column = random.pick(columns)[0]
  const where = source.startsWith('SELECT') && !source.includes('WHERE') ? ' WHERE true' : ''
  const target = random.chance(80) ? ` (${random.pick(unique)})` : ''
  const action = random.pick([
    'DO NOTHING',
    `DO UPDATE SET ${column} = excluded.${column}`,
    `DO UPDATE SET ${column} = ${column} WHERE false`,
  ])
  return `${where} ON CONFLICT${target} ${action}`
}

function returning(random: Random, { columns }: Target): string {
  if (!random.chance(30)) return ''
  return ` RETURNING ${random.pick(['*', columns[0]?.[0] ?? '*', 'rowid, *', "'x' AS a, 2 AS a", 'nope'])}`
}

/** Rows with NULL in their key are not tracked, even when they get a key later. */
function update(random: Random): string {
  const target = random.pick(targets.filter(({ name }) => name !== 'loose'))
  const [name, make] = random.pick(target.columns)
  const or = random.weighted([
    [6, ''],
    [1, ' OR IGNORE'],
    [1, ' OR REPLACE'],
    [1, ' OR FAIL'],
    [1, ' OR ROLLBACK'],
  ])
  const rest = target.unique.some((key) => key.includes(name)) ? ` AND origin <> 'seed'` : ''
  return `UPDATE${or} ${target.name} SET ${name} = ${make(random)}${where(random, target)}${rest}${returning(random, target)}`
}

function remove(random: Random): string {
  const target = random.pick(targets)
  return `DELETE FROM ${target.name}${where(random, target)}${returning(random, target)}`
}

/** Keeps the parent of children: after a violated reference, `last_insert_rowid()` depends on whether the table has triggers. */
function where(random: Random, { name: table, columns }: Target): string {
  const [name, make] = random.pick(columns)
  const rest = table === 'parent' ? ' AND id < 1000' : ''
  const condition = random.weighted<() => string>([
    [8, () => ` WHERE ${name} = ${make(random)}`],
    [2, () => ` WHERE ${name} < ${random.below(9)}`],
    [1, () => ' WHERE false'],
    [1, () => ` WHERE ${name} IN (SELECT u FROM t)`],
  ])()
  return condition + rest
}

function withInsert(random: Random): string {
  return `WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < ${random.below(5)}) INSERT INTO t (u) SELECT i + ${random.below(40)} FROM s${random.pick(['', ' WHERE true ON CONFLICT DO NOTHING'])}`
}

function define(random: Random): string {
  const name = `extra${random.below(3)}`
  return random.pick([
    `CREATE TABLE IF NOT EXISTS ${name} (id INTEGER PRIMARY KEY, v)`,
    `CREATE TABLE ${name} AS SELECT 1 AS v`,
    `INSERT INTO ${name} (v) VALUES (1), (2)`,
    `DROP TABLE IF EXISTS ${name}`,
    `ALTER TABLE gen ADD COLUMN c${random.below(500)} DEFAULT 1`,
    `CREATE TEMP TABLE IF NOT EXISTS passing (id INTEGER PRIMARY KEY)`,
    'INSERT INTO passing DEFAULT VALUES',
    `CREATE INDEX IF NOT EXISTS i${random.below(9)} ON t (n)`,
    'CREATE TRIGGER IF NOT EXISTS added AFTER INSERT ON parent BEGIN INSERT INTO audit (what) VALUES (NEW.id); END',
    'DROP TRIGGER IF EXISTS added',
  ])
}

function aside(random: Random): string {
  return random.pick([
    'SELECT count(*) AS n FROM t',
    'SELEC 1',
    'INSERT INTO nope VALUES (1)',
    'INSERT INTO t (nope) VALUES (1)',
    '',
    '-- nothing',
    'PRAGMA user_version',
    'PRAGMA foreign_keys',
    'PRAGMA recursive_triggers = ON',
    'PRAGMA recursive_triggers = OFF',
    'ANALYZE',
    'REINDEX',
    "SELECT 'INSERT INTO t' AS x",
    "VALUES (1, 'a;b'), (2, NULL)",
  ])
}
