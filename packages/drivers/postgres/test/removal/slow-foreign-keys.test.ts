import { once } from '@dustpan/conformance/servers'
import { testServer } from '@dustpan/conformance/servers/test-server'
import { expect, test } from 'vitest'
import { connect, ctx, remove, targets } from './fixture.ts'

const server = await testServer()
const schema = `
CREATE TABLE users (id int PRIMARY KEY, tenant int, UNIQUE (id, tenant));
CREATE TABLE "Big ""orders" (id serial PRIMARY KEY, "user id" int REFERENCES users);
CREATE TABLE small (id serial PRIMARY KEY, user_id int REFERENCES users);
CREATE TABLE indexed (id serial PRIMARY KEY, user_id int REFERENCES users);
CREATE TABLE pairs (id serial PRIMARY KEY, u int, t int, FOREIGN KEY (u, t) REFERENCES users (id, tenant));
CREATE INDEX ON indexed (user_id, id); CREATE INDEX ON pairs (t, u);
CREATE INDEX ON "Big ""orders" ("user id") WHERE id < 10; CREATE INDEX ON "Big ""orders" (id, "user id");
INSERT INTO users SELECT n, n FROM generate_series(1, 10) n;
INSERT INTO "Big ""orders" ("user id") SELECT 1 FROM generate_series(1, 6000);
INSERT INTO indexed (user_id) SELECT 1 FROM generate_series(1, 6000);
INSERT INTO pairs (u, t) SELECT 1, 1 FROM generate_series(1, 6000);
INSERT INTO small (user_id) SELECT 1 FROM generate_series(1, 100);
ANALYZE`

async function warningsOf(url: string, key: number): Promise<readonly string[]> {
  const connection = await connect(url)
  const warnings: string[] = []
  const warn = (code: string, message: string) => void warnings.push(`${code}: ${message}`)
  expect(await remove(connection, await targets(url, 'users', [key]), { ...ctx, warn })).toEqual(['removed'])
  await connection[Symbol.asyncDispose]()
  return warnings
}

test('a foreign key of a large table without an index warns with DUSTPAN_SLOW_FOREIGN_KEY', async () => {
  const url = await server.database(schema)
  expect(await warningsOf(url, 5)).toEqual([
    'DUSTPAN_SLOW_FOREIGN_KEY: Removing rows of users is slow: "Big ""orders" refers to them without an index, so that all its rows are read for each. This index helps: CREATE INDEX ON "Big ""orders" ("user id")',
  ])
})

test('a foreign key with that index does not warn', async () => {
  const url = await server.database(schema)
  await once(url, 'CREATE INDEX ON "Big ""orders" ("user id")')
  expect(await warningsOf(url, 6)).toEqual([])
})
