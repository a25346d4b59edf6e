/** What a test does with transactions, in each client, before its process is killed. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import postgresJs from 'postgres'

type Sql = ReturnType<typeof postgresJs>
type Reserved = Awaited<ReturnType<Sql['reserve']>>
type Act = (id: number, url: string, folder: string) => Promise<unknown>

const forEver = () => new Promise<never>(() => {})
const insert = (id: number) => `INSERT INTO t VALUES (${id}, 'killed')`
const quiet = { onnotice: () => {}, max: 2 }

/** Resolves when `body` does, and leaves the transaction open. */
const within = (body: (sql: Awaited<Parameters<Parameters<Sql['begin']>[1]>[0]>, id: number) => unknown): Act => {
  return (id, url) =>
    new Promise((resolve, reject) => {
      const begun = postgresJs(url, quiet).begin(async (sql) => {
        await body(sql, id)
        resolve(undefined)
        await forEver()
      })
      begun.catch(reject)
    })
}

const reserved =
  (body: (sql: Reserved, id: number, folder: string) => unknown): Act =>
  async (id, url, folder) => {
    const sql = await postgresJs(url, quiet).reserve()
    await body(sql, id, folder)
  }

const begun = (end: (sql: Reserved, folder: string) => PromiseLike<unknown>): Act =>
  reserved(async (sql, id, folder) => {
    await sql`BEGIN`
    await sql`INSERT INTO t VALUES (${id}, 'killed')`
    await end(sql, folder)
  })

const withPg =
  (texts: (id: number) => readonly string[], options: object = {}): Act =>
  async (id, url) => {
    const client = new pg.Client({ connectionString: url, ...options })
    await client.connect()
    for (const text of texts(id)) await client.query(text)
  }

/** Acts that leave the transaction open. */
export const open: { readonly [name: string]: Act } = {
  'postgres.js: begin()': within((sql, id) => sql`INSERT INTO t VALUES (${id}, 'killed')`),
  'postgres.js: a savepoint': within((sql, id) => sql.savepoint((sp) => sp`INSERT INTO t VALUES (${id}, 'killed')`)),
  'postgres.js: statements that only mention COMMIT': within(async (sql, id) => {
    await sql`INSERT INTO t VALUES (${id}, 'killed')`
    await sql.savepoint((sp) => sp`UPDATE t SET name = CASE WHEN id = 99 THEN 'commit' ELSE name END`)
    await sql`SELECT ${'COMMIT'}::text AS end`
    await sql.unsafe(`SELECT 1; SELECT 'commit'`)
    await sql`SELECT 1 AS "commit"`.cursor(1, () => {})
  }),
  'postgres.js: reserve()': begun(async () => {}),
  'postgres.js: a pipeline without COMMIT': reserved((sql, id) => Promise.all([sql`BEGIN`, sql.unsafe(insert(id))])),
  'postgres.js: after a committed transaction': begun(async (sql) => {
    await sql.unsafe('ROLLBACK; BEGIN')
    await sql`INSERT INTO t VALUES (1000, 'x')`
    await sql`COMMIT AND CHAIN`
    await sql`INSERT INTO t VALUES (0, 'killed')`
  }),
  'postgres.js: a client of one connection': async (id, url) => {
    const sql = postgresJs(url, { ...quiet, max: 1 })
    await sql`BEGIN`
    await sql`INSERT INTO t VALUES (${id}, 'killed')`
  },
  'pg: BEGIN': withPg((id) => ['BEGIN', insert(id), `SELECT 'COMMIT' AS "end"`]),
}

/** Whether the answer to a text is not to be read. Answers to Dustpan's own queries are read. */
export const isEnd = (text: string): boolean => /\b(?:commit|end)\b/i.test(text) && !text.includes('pg_catalog')

/** Acts that commit the transaction, without the process reading the answer to COMMIT. */
export const committed: { readonly [name: string]: Act } = {
  'begin()': (id, url) => postgresJs(url, quiet).begin((sql) => sql`INSERT INTO t VALUES (${id}, 'killed')`),
  'begin() of several queries': (id, url) =>
    postgresJs(url, quiet).begin((sql) => [sql.unsafe(insert(id)), sql`SELECT 1`]),
  'begin() of a savepoint alone': (id, url) =>
    postgresJs(url, quiet).begin((sql) => sql.savepoint((sp) => sp`INSERT INTO t VALUES (${id}, 'killed')`)),
  COMMIT: begun((sql) => sql`COMMIT`),
  END: begun((sql) => sql`/* a */ END WORK`),
  'COMMIT AND CHAIN': begun((sql) => sql.unsafe('commit and chain')),
  'COMMIT with simple()': begun((sql) => sql`COMMIT`.simple()),
  'COMMIT as a prepared statement': begun((sql) => sql.unsafe('COMMIT', [], { prepare: true })),
  'COMMIT through a cursor': begun((sql) => sql`COMMIT`.cursor(1, () => {})),
  'COMMIT as a fragment': begun((sql) => sql`${sql`COMMIT`}`),
  'COMMIT among fragments': begun((sql) => sql`${[sql`COMMIT`] as never}`),
  'COMMIT after another statement': begun((sql) => sql.unsafe(`SELECT ';'; COMMIT`)),
  'COMMIT before another statement': begun((sql) => sql.unsafe('COMMIT; SELECT 1')),
  'COMMIT in a file': begun((sql, folder) => {
    const file = join(folder, 'commit.sql')
    writeFileSync(file, 'SELECT 1;\nCOMMIT;\n')
    return sql.file(file)
  }),
  'a client of one connection': async (id, url) => {
    const sql = postgresJs(url, { ...quiet, max: 1 })
    await sql`BEGIN`
    await sql`INSERT INTO t VALUES (${id}, 'killed')`
    await sql`COMMIT`
  },
  'pg: COMMIT': withPg((id) => ['BEGIN', insert(id), 'COMMIT']),
}

/** Acts that send COMMIT together with the INSERT, or before that is answered. */
export const together: { readonly [name: string]: Act } = {
  'postgres.js: a pipeline': reserved((sql, id) => Promise.all([sql`BEGIN`, sql.unsafe(insert(id)), sql`COMMIT`])),
  'postgres.js: begin() that does not await its INSERT': (id, url) =>
    postgresJs(url, quiet).begin(async (sql) => void sql.unsafe(insert(id)).execute()),
  'pg: one text': withPg((id) => [`BEGIN; ${insert(id)}; COMMIT`]),
  'pg: one text, after a delete': withPg((id) => ['BEGIN', 'DELETE FROM t WHERE id = 77', `${insert(id)}; COMMIT`]),
  'pg: a pipeline': async (id, url) => {
    const client = new pg.Client(url)
    await client.connect()
    await client.query('DELETE FROM t WHERE id = -1')
    Object.assign(client, { pipeline: true })
    await Promise.all(['BEGIN', insert(id), 'COMMIT'].map((text) => client.query(text)))
  },
}

/** Acts that prepare the transaction. */
export const prepared: { readonly [name: string]: Act } = {
  'postgres.js: prepare()': async (id, url) => {
    await postgresJs(url, quiet).begin(async (sql) => {
      await sql`INSERT INTO t VALUES (${id}, 'killed')`
      await sql.prepare('p')
    })
  },
  'pg: PREPARE TRANSACTION': withPg((id) => ['BEGIN', insert(id), `PREPARE TRANSACTION 'p'`]),
}
