/** The shop of the suite for removal by predicate, in a MariaDB or MySQL database. */
import { dateOf, items, logs, otps, type PredicateWorld, shopIn, users } from '@dustpan/conformance/by-predicate'
import type { Server } from '@dustpan/conformance/servers'
import mysql from 'mysql2/promise'
import { keysIn, once } from '../server.ts'

const schema = `
  CREATE TABLE users (id int PRIMARY KEY, email varchar(50));
  CREATE TABLE items (id int PRIMARY KEY, name varchar(50), created_by int, tags json, test_run_id varchar(50),
    made_at datetime(3), is_active boolean NOT NULL DEFAULT true, deleted_at datetime, file_path text, FOREIGN KEY (created_by) REFERENCES users (id));
  CREATE TABLE otps (id int PRIMARY KEY, email varchar(50));
  CREATE TABLE activity (id bigint PRIMARY KEY, user_id int);
  CREATE TABLE knex_migrations (id int PRIMARY KEY, name text);
  INSERT INTO knex_migrations VALUES (1, 'first');`

export interface MysqlWorld extends PredicateWorld {
  readonly url: string
  sql(text: string): Promise<readonly Record<string, unknown>[]>
}

export async function mysqlWorld(server: Server): Promise<MysqlWorld> {
  const url = await server.database(schema)
  const sql = (text: string) => once(url, text)
  await fill(url)
  const ids = async (table: string) => (await keysIn(url, table)).map(Number)
  return {
    url,
    sql,
    ...shopIn('@dustpan/mysql', { url }, ids),
    async [Symbol.asyncDispose]() {},
  }
}

async function fill(url: string): Promise<void> {
  const client = await mysql.createConnection(url)
  await client.query('INSERT INTO users VALUES ?', [users.map(({ id, email }) => [id, email])])
  const rows = items.map((one) => [one.id, one.name, one.owner, JSON.stringify(one.tags), one.run, dateOf(one)])
  await client.query('INSERT INTO items (id, name, created_by, tags, test_run_id, made_at) VALUES ?', [rows])
  await client.query('INSERT INTO otps VALUES ?', [otps.map(({ id, email }) => [id, email])])
  await client.query('INSERT INTO activity VALUES ?', [logs.map(({ id, user }) => [id, user])])
  await client.end()
}
