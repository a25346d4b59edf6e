/** What does cleanup cost after each of 200 tests, compared with once after all of them? */
import { startServer } from '@dustpan/conformance/servers'
import type pg from 'pg'
import { type Arm, compare } from './compare.ts'
import { benchSession } from './session.ts'
import { statementCounter } from './statement-counter.ts'
import { load, unpatchedCopy } from './two-copies.ts'

const [tests, orders] = [200, 4]
const schema = `
CREATE TABLE users (id serial PRIMARY KEY, name text);
CREATE TABLE orders (id serial PRIMARY KEY, parent int REFERENCES users);
CREATE INDEX ON orders (parent);
INSERT INTO users (name) SELECT 'other people' FROM generate_series(1, 1000);
INSERT INTO orders (parent) SELECT id FROM users;
ANALYZE;`

const unpatched = unpatchedCopy<typeof pg>('pg')
await using server = await startServer({ durable: true })
await using counter = await statementCounter(await server.database(schema))
const { url } = counter
const drivers = [{ use: '@dustpan/postgres', name: 'main', options: { url } }]
const bare = await connect(unpatched.Client)

async function connect(Client: typeof pg.Client): Promise<pg.Client> {
  const client = new Client(url)
  await client.connect()
  return client
}

/** What one test writes: a user and its orders. */
async function write(client: pg.Client): Promise<{ user: number; orders: number[] }> {
  const { rows } = await client.query("INSERT INTO users (name) VALUES ('mine') RETURNING id")
  const user = rows[0].id as number
  const made = await client.query(
    `INSERT INTO orders (parent) SELECT $1::int FROM generate_series(1, ${orders}) RETURNING id`,
    [user],
  )
  return { user, orders: made.rows.map(({ id }) => id) }
}

type Written = Awaited<ReturnType<typeof write>>

async function remove(written: readonly Written[]): Promise<void> {
  await bare.query('DELETE FROM orders WHERE id = ANY($1)', [written.flatMap((one) => one.orders)])
  await bare.query('DELETE FROM users WHERE id = ANY($1)', [written.map(({ user }) => user)])
}

const statements = new Map<string, number>()

/** Measures only removal, not the tests themselves. */
function arm(name: string, run: (clock: (work: () => unknown) => Promise<void>) => Promise<void>): Arm {
  return {
    name,
    warmups: 3,
    run: async () => {
      let [ms, sent] = [0, 0]
      await run(async (work) => {
        const [start, before] = [performance.now(), counter.statements]
        await work()
        ms += performance.now() - start
        sent += counter.statements - before
      })
      statements.set(name, sent)
      return ms
    },
  }
}

const byHand = arm('one DELETE a table, after all', async (clock) => {
  const written: Written[] = []
  for (let test = 0; test < tests; test++) written.push(await write(bare))
  await clock(() => remove(written))
})

const byHandEach = arm('one DELETE a table, after each test', async (clock) => {
  for (let test = 0; test < tests; test++) {
    const written = await write(bare)
    await clock(() => remove([written]))
  }
})

await using bench = await benchSession({ drivers })
const tracked = await connect(load<typeof pg>('pg').Client)

const byDustpan = (when: 'after-test' | 'after-file') =>
  arm(`Dustpan, ${when}`, async (clock) => {
    const file = bench.session.openScope(undefined, { kind: 'file', file: when, attempt: 0 })
    const { scope } = await import('@dustpan/core')
    for (let number = 0; number < tests; number++) {
      const test = bench.session.openScope(file, { kind: 'test', path: [String(number)], attempt: 0 })
      await test.run(async () => {
        scope().policy({ when })
        await write(tracked)
      })
      await clock(() => test.close('passed', { willRetry: false }))
    }
    await clock(() => file.close('passed', { willRetry: false }))
    const { rows } = await bare.query("SELECT count(*)::int AS left FROM users WHERE name = 'mine'")
    if (rows[0].left !== 0) throw new Error(`${rows[0].left} are left`)
  })

const arms = [byHand, byHandEach, byDustpan('after-test'), byDustpan('after-file')]
await compare({
  name: 'deferred',
  question: `Removing ${1 + orders} rows of each of ${tests} tests, in two tables of PostgreSQL`,
  rounds: 9,
  settings: { server: String((await bare.query('SHOW server_version')).rows[0].server_version), fsync: 'on' },
  arms,
  limits: [{ arm: 'Dustpan, after-file', than: 'Dustpan, after-test', kind: 'timesFaster', value: 3 }],
})
for (const { name } of arms) console.log(`  ${statements.get(name)} statements: ${name}`)
await Promise.all([bare.end(), tracked.end()])
