import { RecordingSink } from '@dustpan/conformance/capture'
import { testServer } from '@dustpan/conformance/servers/test-server'
import type pg from 'pg'
import postgresJs from 'postgres'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { postgresJsInstrument } from '../../src/capture/postgres-js/instrument.ts'
import { capturedClient } from './captured-client.ts'

const schema = `
  CREATE TABLE items (list int, position int, title text, PRIMARY KEY (list, position));
  INSERT INTO items VALUES (1, 1, 'seed'), (1, 2, 'seed');
  CREATE TABLE pages (slug text PRIMARY KEY, n int);
  INSERT INTO pages VALUES ('main', 0);
  CREATE TABLE users (id serial PRIMARY KEY, name text);
  CREATE VIEW "All Pages" AS SELECT n, slug AS label FROM pages;
  CREATE VIEW behind AS SELECT label AS l, n AS slug FROM "All Pages";
  CREATE VIEW counted AS SELECT slug AS label, count(*) AS n FROM pages GROUP BY slug;
  CREATE FUNCTION relabel() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN UPDATE pages SET slug = NEW.label WHERE slug = OLD.label; RETURN NULL; END $$;
  CREATE TRIGGER relabel INSTEAD OF UPDATE ON counted FOR EACH ROW EXECUTE FUNCTION relabel();
  CREATE TABLE orders (label text, became text); INSERT INTO orders VALUES ('a', 'a');
  CREATE RULE relabel AS ON UPDATE TO orders DO ALSO UPDATE pages SET slug = new.became WHERE slug = old.label;
  CREATE TABLE lines (page text REFERENCES pages ON UPDATE CASCADE, n int, PRIMARY KEY (page, n));
`

const server = await testServer()
let sink: RecordingSink
let client: pg.Client

beforeEach(async () => {
  sink = new RecordingSink('test')
  client = await capturedClient(await server.database(schema), sink)
})

const update = (slug: string, where: string) => ({
  name: 'update',
  text: 'UPDATE pages SET slug = $1 WHERE slug = $2',
  values: [slug, where],
})

describe('a row whose key has changed is no longer tracked', () => {
  test.each<{ how: string; queries: (string | pg.QueryConfig)[]; keys?: object }>([
    {
      how: 'UPDATE that swaps positions of a list',
      queries: [
        `INSERT INTO items VALUES (1, 3, 'mine')`,
        'UPDATE items SET position = -position WHERE list = 1',
        'UPDATE items SET position = CASE position WHEN -3 THEN 1 ELSE 1 - position END WHERE list = 1',
      ],
    },
    {
      how: 'UPDATEs that swap the keys of two rows',
      queries: [
        `INSERT INTO pages VALUES ('green', 1)`,
        'BEGIN',
        `UPDATE pages SET slug = 'tmp' WHERE slug = 'main'`,
        `UPDATE pages SET slug = 'main' WHERE slug = 'green'`,
        `UPDATE pages SET slug = 'green' WHERE slug = 'tmp'`,
        'COMMIT',
      ],
    },
    {
      how: 'UPDATE of one row, after which the other row stays tracked',
      queries: [
        `INSERT INTO pages VALUES ('a', 1), ('b', 1)`,
        `UPDATE pages SET slug = 'c' WHERE slug = 'a' RETURNING n`,
      ],
      keys: { pages: ['b'] },
    },
    {
      how: 'ON CONFLICT DO UPDATE',
      queries: [
        `INSERT INTO pages VALUES ('a', 1), ('b', 1)`,
        `INSERT INTO pages VALUES ('a', 1), ('d', 1) ON CONFLICT (slug) DO UPDATE SET slug = 'c'`,
      ],
      keys: { pages: ['b', 'd'] },
    },
    {
      how: 'MERGE',
      queries: [
        `INSERT INTO pages VALUES ('a', 1)`,
        `MERGE INTO pages USING (VALUES ('a')) v(s) ON slug = s WHEN MATCHED THEN UPDATE SET slug = 'c'`,
      ],
    },
    {
      how: 'UPDATE in WITH',
      queries: [
        `INSERT INTO pages VALUES ('a', 1)`,
        `WITH u AS (UPDATE pages SET slug = 'c' WHERE slug = 'a' RETURNING 1) SELECT 1`,
      ],
    },
    ...[
      ['UPDATE of a view that names the key otherwise', `UPDATE "All Pages" SET label = 'c' WHERE label = 'a'`],
      ['UPDATE of a view on a view', `UPDATE behind SET l = 'c' WHERE l = 'a'`],
      ['UPDATE of a view with a trigger', `UPDATE counted SET label = 'c' WHERE label = 'a'`],
      ['UPDATE of a table with a rule', `UPDATE orders SET became = 'c'`],
      ['UPDATE of a view in WITH', `WITH u AS (UPDATE behind SET l = 'c' WHERE l = 'a' RETURNING 1) SELECT 1`],
      ['ON CONFLICT DO UPDATE of a view', `INSERT INTO behind VALUES ('a') ON CONFLICT (l) DO UPDATE SET l = 'c'`],
    ].map(([how = '', sql = '']) => ({ how, queries: [`INSERT INTO pages VALUES ('a', 1)`, sql] })),
    {
      how: 'ON UPDATE CASCADE from a view',
      queries: [`INSERT INTO lines VALUES ('main', 1)`, `UPDATE behind SET l = 'new' WHERE l = 'main'`],
    },
    {
      how: 'ON UPDATE CASCADE from a table',
      queries: [`INSERT INTO lines VALUES ('main', 1)`, `UPDATE pages SET slug = 'new' WHERE slug = 'main'`],
    },
    {
      how: 'UPDATE by a named statement that was prepared before',
      queries: [update('x', 'nope'), `INSERT INTO pages VALUES ('a', 1)`, update('c', 'a')],
    },
    {
      how: 'UPDATE by PREPARE and EXECUTE',
      queries: [
        'PREPARE p AS UPDATE pages SET slug = $1 WHERE slug = $2',
        `INSERT INTO pages VALUES ('a', 1)`,
        `EXECUTE p('c', 'a')`,
      ],
    },
  ])('$how', async ({ queries, keys = {} }) => {
    for (const query of queries) await client.query(query)
    expect(sink.keys()).toEqual(keys)
    expect([...new Set(sink.warnings.map(({ code }) => code))]).toEqual(['DUSTPAN_SQL_UNATTRIBUTED'])
  })

  test('UPDATE by postgres.js', async () => {
    const { host, port, user, database } = client
    const sql = postgresJs({ host, port, user: user ?? '', database: database ?? '', password: 'secret', max: 1 })
    const installed = postgresJsInstrument({ serves: () => true, ignoreTables: [] }).install(postgresJs, sink)
    onTestFinished(() => {
      installed[Symbol.dispose]()
      return sql.end({ timeout: 1 })
    })
    await sql`INSERT INTO pages VALUES ('a', 1), ('b', 1)`
    expect(await sql`UPDATE ${sql('pages')} SET ${sql({ slug: 'c' })} WHERE slug = 'a' RETURNING n`).toEqual([{ n: 1 }])
    expect(sink.keys()).toEqual({ pages: ['b'] })
  })
})

describe('a row whose key is not changed stays tracked', () => {
  const unchanged = [
    `UPDATE users SET name = 'b'`,
    `UPDATE users SET id = id`,
    `UPDATE users u SET id = 1, name = 'b' WHERE u.id = 1`,
    `INSERT INTO users VALUES (1, 'b') ON CONFLICT (id) DO UPDATE SET id = excluded.id, name = excluded.name`,
    `UPDATE users SET id = 9 WHERE id = 8`,
    `WITH u AS (UPDATE users SET id = 1 WHERE id = 1 RETURNING id) SELECT * FROM u`,
    `BEGIN; UPDATE users SET id = 9; ROLLBACK`,
  ]
  test.each(unchanged)('%s', async (query) => {
    await client.query(`INSERT INTO users (name) VALUES ('a')`)
    await client.query(query)
    expect(sink.keys()).toEqual({ users: [1] })
  })

  test.each(['UPDATE "All Pages" SET n = 7', 'UPDATE behind SET slug = 7'])('%s', async (query) => {
    await client.query(`INSERT INTO pages VALUES ('a', 1)`)
    await client.query(query)
    expect(sink.keys()).toEqual({ pages: ['a'] })
  })

  test('UPDATE with parameters', async () => {
    await client.query(`INSERT INTO users (name) VALUES ('a')`)
    await client.query('UPDATE "users" SET "id" = $1, "name" = $2 WHERE "users"."id" = $1', [1, 'b'])
    expect(sink.keys()).toEqual({ users: [1] })
    expect(sink.warnings).toEqual([])
  })
})
