/** A random sequence of steps: single statements, transactions, pools, prepared statements, and several at once. */

import { Random } from '@dustpan/conformance/sql-fuzz'
import { merge, remove, update, withQueries } from './changes.ts'
import { insert } from './inserts.ts'
import { aside } from './sessions.ts'
import { type Statement, Writer } from './writer.ts'

/** How a statement is passed to the client. */
export const ways = ['text', 'callback', 'config', 'array', 'events', 'binary', 'extended', 'types'] as const
export type Way = (typeof ways)[number]

export interface Send {
  readonly by: Way
  readonly statement: Statement
  readonly name?: string
}

export type Step =
  | ({ readonly kind: 'send' | 'pool' | 'pool callback' } & Send)
  | { readonly kind: 'burst'; readonly sends: readonly Send[] }
  | { readonly kind: 'pool transaction'; readonly sends: readonly Send[] }
  | { readonly kind: 'copy'; readonly statement: Statement; readonly data: string }
  | { readonly kind: 'stranger'; readonly statement: Statement }
  | { readonly kind: 'reconnect' }

export function episode(seed: number, length: number): Step[] {
  const random = new Random(seed)
  const named: Named[] = []
  const steps: Step[] = []
  while (steps.length < length) steps.push(...random.weighted(blocks)(random, named))
  return steps
}

/** Every statement that a step sends. */
export function sendsOf(step: Step): readonly Statement[] {
  if ('sends' in step) return step.sends.map(({ statement }) => statement)
  return 'statement' in step ? [step.statement] : []
}

interface Named {
  readonly name: string
  readonly text: string
  readonly writer: Writer
}

type Block = (random: Random, named: Named[]) => Step[]

const blocks: readonly (readonly [number, Block])[] = [
  [40, (random) => [send(random)]],
  [14, transaction],
  [8, several],
  [8, namedStatement],
  [4, prepared],
  [4, (random) => [{ kind: 'burst', sends: random.several(2, 5, () => sendOf(random)) }]],
  [4, (random) => [{ kind: random.pick(['pool', 'pool callback']), ...sendOf(random) }]],
  [
    2,
    (random) => [
      { kind: 'pool transaction', sends: transaction(random).flatMap((step) => (step.kind === 'send' ? [step] : [])) },
    ],
  ],
  [3, copied],
  [3, stranger],
  [2, underRole],
  [2, elsewhere],
  [2, cursor],
  [2, newTable],
  [1, () => [{ kind: 'reconnect' }]],
]

function send(random: Random): Step {
  return { kind: 'send', ...sendOf(random) }
}

function sendOf(random: Random): Send {
  const writer = new Writer(random, random.chance(45))
  const text = random.weighted(kinds)(writer)
  return { by: wayFor(random), statement: writer.done(text) }
}

function wayFor(random: Random): Way {
  return random.weighted<Way>([
    [30, 'text'],
    [10, 'callback'],
    [20, 'config'],
    [10, 'array'],
    [10, 'events'],
    [3, 'binary'],
    [5, 'extended'],
    [4, 'types'],
  ])
}

const kinds: readonly (readonly [number, (writer: Writer) => string])[] = [
  [50, insert],
  [16, withQueries],
  [8, update],
  [7, remove],
  [4, merge],
  [10, aside],
]

function say(random: Random, text: string): Step {
  return { kind: 'send', by: wayFor(random), statement: new Writer(random).done(text) }
}

function exactly(text: string): Step {
  return { kind: 'send', by: 'text', statement: { text, untracked: [] } }
}

function transaction(random: Random): Step[] {
  const inside = random.several(1, 7, () =>
    random.weighted<() => Step>([
      [6, () => send(random)],
      [2, () => say(random, `SAVEPOINT ${random.pick(['a', 'b', '"S 1"'])}`)],
      [1, () => say(random, `ROLLBACK TO SAVEPOINT ${random.pick(['a', 'b', '"S 1"'])}`)],
      [1, () => say(random, `RELEASE ${random.pick(['a', 'b', '"S 1"'])}`)],
    ])(),
  )
  const begin = random.pick([
    'BEGIN',
    'BEGIN',
    'START TRANSACTION',
    'BEGIN ISOLATION LEVEL SERIALIZABLE',
    'BEGIN READ ONLY',
  ])
  const chain = random.chance(10)
    ? [say(random, random.pick(['COMMIT AND CHAIN', 'ROLLBACK AND CHAIN'])), send(random)]
    : []
  const end = random.weighted([
    [6, 'COMMIT'],
    [1, 'END'],
    [3, 'ROLLBACK'],
    [1, 'ABORT'],
    [1, `PREPARE TRANSACTION 'x'; ROLLBACK`],
  ])
  return [say(random, begin), ...inside, ...chain, say(random, end)]
}

/** Several statements in one text, with or without a transaction of their own. */
function several(random: Random): Step[] {
  const writer = new Writer(random)
  const parts = random.several(2, 5, () => random.weighted(kinds)(writer))
  const controls = ['BEGIN', 'COMMIT', 'ROLLBACK', 'SAVEPOINT a', 'ROLLBACK TO a', 'SELECT 1 / 0']
  while (random.chance(30)) parts.splice(random.below(parts.length + 1), 0, random.pick(controls))
  const safe = parts.filter((part) => !part.startsWith('--') && !part.includes('unfinished'))
  return [
    { kind: 'send', by: random.pick(['text', 'callback', 'events', 'array']), statement: writer.done(safe.join('; ')) },
    say(random, 'ROLLBACK'),
  ]
}

/** A named statement, new or sent before, sometimes with another text. */
function namedStatement(random: Random, named: Named[]): Step[] {
  const known = named.length > 0 && random.chance(65) ? random.pick(named) : undefined
  if (known && random.chance(90)) {
    const statement = { text: known.text, values: known.writer.again(), untracked: known.writer.untracked }
    return [{ kind: 'send', by: random.pick(['config', 'array']), name: known.name, statement }]
  }
  const writer = new Writer(random, true)
  const statement = writer.done(random.weighted(kinds)(writer))
  const name = known?.name ?? `s${named.length}`
  if (!known) named.push({ name, text: statement.text, writer })
  return [{ kind: 'send', by: 'config', name, statement }]
}

/** PREPARE and EXECUTE as SQL. */
function prepared(random: Random): Step[] {
  const writer = new Writer(random)
  const text = random.pick([insert, withQueries, remove])(writer)
  const prepare = `PREPARE p AS ${text}`
  const execute = (): Step => ({
    kind: 'send',
    by: wayFor(random),
    statement: { ...new Writer(random).done('EXECUTE p'), untracked: writer.untracked },
  })
  const both = { ...new Writer(random).done(`${prepare}; EXECUTE p`), untracked: writer.untracked }
  if (random.chance(30)) return [{ kind: 'send', by: 'text', statement: both }, say(random, 'DEALLOCATE p')]
  return [
    say(random, prepare),
    ...random.several(1, 3, execute),
    say(random, random.pick(['DEALLOCATE p', 'DEALLOCATE ALL'])),
  ]
}

function copied(random: Random): Step[] {
  const writer = new Writer(random)
  const lines = random.several(0, 6, () => `${300 + random.below(400)}\tcopied\t${random.pick(['x', '\\N', 'ä;'])}`)
  const data = [...lines, ...(random.chance(15) ? ['wrong'] : []), ''].join('\n')
  const inside = random.chance(70)
  if (!inside) writer.mayMiss({ type: 'parts' }, 'DUSTPAN_SQL_UNATTRIBUTED')
  const copy: Step = { kind: 'copy', statement: writer.done('COPY parts (a, b, c) FROM STDIN'), data }
  if (!inside) return [copy]
  const strangers: Step[] = random.chance(50) ? stranger(random) : []
  const before = random.chance(50)
    ? [say(random, `INSERT INTO parts VALUES (${1000 + random.below(500)}, 'before', 'x')`)]
    : []
  return [
    say(random, 'BEGIN'),
    ...before,
    ...strangers,
    copy,
    say(random, random.pick(['COMMIT', 'COMMIT', 'ROLLBACK'])),
  ]
}

let strangers = 0

/** A client outside the test, whose rows must not be tracked. */
function stranger(random: Random): Step[] {
  const key = 100_000 + strangers++
  const text = random.pick([
    `INSERT INTO parts VALUES (${key}, 'stranger', 'x')`,
    `INSERT INTO people VALUES (${key}, 'stranger')`,
    `INSERT INTO staff VALUES (${1 + random.below(40)}, 'stranger', 'job')`,
    `INSERT INTO people VALUES (${1 + random.below(40)}, 'stranger') ON CONFLICT DO NOTHING`,
    `INSERT INTO users (name) VALUES ('stranger ${key}')`,
    `INSERT INTO users (name) VALUES ('n${random.below(40)}') ON CONFLICT DO NOTHING`,
    `INSERT INTO split VALUES (${key}, 'eu', 1)`,
    `INSERT INTO fast (v) VALUES ('stranger')`,
  ])
  return [{ kind: 'stranger', statement: { text, untracked: [] } }]
}

/** Statements of a role that may only insert, or to which row-level security applies. */
function underRole(random: Random): Step[] {
  const role = random.pick(['app', 'writer'])
  const steps = random.several(1, 4, () => send(random))
  const secured = say(random, `INSERT INTO secured (owner) VALUES ('app')${random.pick(['', ' RETURNING id'])}`)
  if (random.chance(50)) return [say(random, `SET ROLE ${role}`), ...steps, secured, say(random, 'RESET ROLE')]
  return [
    say(random, 'BEGIN'),
    say(random, `SET LOCAL ROLE ${role}`),
    secured,
    ...steps,
    say(random, random.pick(['COMMIT', 'ROLLBACK'])),
    say(random, 'RESET ROLE'),
  ]
}

/** Statements with a search path in which unqualified names are other tables. */
function elsewhere(random: Random): Step[] {
  const inside = random.several(1, 3, () =>
    say(random, `INSERT INTO users VALUES ('${random.below(999)}', 'x')${random.pick(['', ' RETURNING *'])}`),
  )
  const end = random.pick(['RESET search_path', 'RESET ALL', 'DISCARD ALL', 'SET search_path TO DEFAULT'])
  if (random.chance(50)) return [say(random, 'SET search_path = aux, public'), ...inside, say(random, end)]
  return [
    say(random, 'BEGIN'),
    say(random, 'SET LOCAL search_path = aux'),
    ...inside,
    say(random, 'ROLLBACK TO nowhere'),
    say(random, 'ROLLBACK'),
    send(random),
  ]
}

function cursor(random: Random): Step[] {
  const query = random.pick([
    'SELECT * FROM people ORDER BY id',
    `WITH n AS (INSERT INTO people VALUES (${random.below(99)})) SELECT 1`,
  ])
  return [
    say(random, 'BEGIN'),
    say(random, `DECLARE c CURSOR FOR ${query}`),
    say(random, 'FETCH 2 FROM c'),
    send(random),
    say(random, random.pick(['CLOSE c', 'MOVE 1 FROM c'])),
    say(random, 'COMMIT'),
  ]
}

let made = 0

function newTable(random: Random): Step[] {
  const name = `made_${made++}`
  const create = exactly(
    `CREATE TABLE ${name} (id serial PRIMARY KEY, v text); CALL log.watch('${name}', '${name}', 'id')`,
  )
  const fill = () => say(random, `INSERT INTO ${name} (v) VALUES ('x')${random.pick(['', ' RETURNING *'])}`)
  const alter = say(
    random,
    random.pick([
      `ALTER TABLE ${name} ADD COLUMN w int DEFAULT 5`,
      `ALTER TABLE ${name} ALTER id TYPE bigint`,
      `DROP TABLE ${name}`,
      `TRUNCATE ${name}`,
    ]),
  )
  const end = random.pick(['COMMIT', 'ROLLBACK'])
  if (random.chance(40)) return [say(random, 'BEGIN'), create, fill(), alter, fill(), say(random, end), fill()]
  return [
    create,
    fill(),
    fill(),
    alter,
    fill(),
    ...(random.chance(30) ? [say(random, 'BEGIN'), say(random, `DROP TABLE IF EXISTS ${name}`), say(random, end)] : []),
  ]
}
