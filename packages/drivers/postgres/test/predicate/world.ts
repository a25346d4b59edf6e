/** The shop of the predicate suite in a PostgreSQL database. */
import { dateOf, items, logs, otps, type PredicateWorld, shopIn, users } from '@dustpan/conformance/by-predicate'
import { once, type Server } from '@dustpan/conformance/servers'
import pg from 'pg'

const schema = `
  CREATE TABLE users (id int PRIMARY KEY, email text);
  CREATE TABLE items (id int PRIMARY KEY, name text, created_by int REFERENCES users, tags text[] NOT NULL DEFAULT '{}', test_run_id varchar(50),
    made_at timestamptz, is_active boolean NOT NULL DEFAULT true, deleted_at timestamptz, file_path text);
  CREATE TABLE otps (id int PRIMARY KEY, email text);
  CREATE TABLE activity (id bigint PRIMARY KEY, user_id int);
  CREATE TABLE knex_migrations (id int PRIMARY KEY, name text);
  INSERT INTO knex_migrations VALUES (1, 'first');`

export interface PostgresWorld extends PredicateWorld {
  readonly url: string
  sql(text: string): Promise<readonly Record<string, unknown>[]>
}

export async function postgresWorld(server: Server): Promise<PostgresWorld> {
  const url = await server.database(schema)
  const sql = async (text: string) => (await once(url, text)).rows as Record<string, unknown>[]
  await fill(url)
  const ids = async (table: string) => (await sql(`SELECT id FROM ${table} ORDER BY id`)).map(({ id }) => Number(id))
  return {
    url,
    sql,
    ...shopIn('@dustpan/postgres', { url }, ids),
    async [Symbol.asyncDispose]() {},
  }
}

async function fill(url: string): Promise<void> {
  const client = new pg.Client(url)
  await client.connect()
  for (const { id, email } of users) await client.query('INSERT INTO users VALUES ($1, $2)', [id, email])
  const item = 'INSERT INTO items (id, name, created_by, tags, test_run_id, made_at) VALUES ($1, $2, $3, $4, $5, $6)'
  for (const one of items) await client.query(item, [one.id, one.name, one.owner, one.tags, one.run, dateOf(one)])
  for (const { id, email } of otps) await client.query('INSERT INTO otps VALUES ($1, $2)', [id, email])
  for (const { id, user } of logs) await client.query('INSERT INTO activity VALUES ($1, $2)', [id, user])
  await client.end()
}
