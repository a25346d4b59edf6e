/** Four tables, each referring to the one before, with rows of others too. */
import type pg from 'pg'

export const tables = ['users', 'orders', 'items', 'notes'] as const

export const linkedTables = `
CREATE TABLE users (id serial PRIMARY KEY, name text);
CREATE TABLE orders (id serial PRIMARY KEY, parent int REFERENCES users);
CREATE TABLE items (id serial PRIMARY KEY, parent int REFERENCES orders ON DELETE CASCADE);
CREATE TABLE notes (id serial PRIMARY KEY, parent int REFERENCES items);
CREATE INDEX ON orders (parent); CREATE INDEX ON items (parent); CREATE INDEX ON notes (parent);
INSERT INTO users (name) SELECT 'other people' FROM generate_series(1, 1000);
INSERT INTO orders (parent) SELECT id FROM users; INSERT INTO items (parent) SELECT id FROM orders; INSERT INTO notes (parent) SELECT id FROM items;
ANALYZE;`

export type Keys = Readonly<Record<string, readonly number[]>>

/** Writes n rows to each of the first tables, children after parents, and resolves to their keys. */
export async function fill(client: pg.Client, n: number, count: number): Promise<Keys> {
  const keys: Record<string, number[]> = {}
  for (const [i, table] of tables.slice(0, count).entries()) {
    const parents = keys[tables[i - 1] ?? '']
    const { rows } =
      i === 0
        ? await client.query(`INSERT INTO users (name) SELECT 'mine' FROM generate_series(1, ${n}) RETURNING id`)
        : await client.query(`INSERT INTO ${table} (parent) SELECT unnest($1::int[]) RETURNING id`, [parents])
    keys[table] = rows.map(({ id }) => id)
  }
  return keys
}

/** The best handwritten way: one statement per table, children first. */
export async function removeByHand(client: pg.Client, keys: Keys): Promise<void> {
  for (const [table, ids] of Object.entries(keys).reverse())
    await client.query(`DELETE FROM ${table} WHERE id = ANY($1)`, [ids])
}
