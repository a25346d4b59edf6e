/** Existing rows whose rewritten times are later than those of the rows they refer to. */
import { RecordingSink, targetOf } from '@dustpan/conformance/capture'
import { describeOn } from '@dustpan/conformance/servers/describe-on'
import type { Target } from '@dustpan/core/driver'
import mysql2 from 'mysql2'
import mysql from 'mysql2/promise'
import { beforeEach, expect, test } from 'vitest'
import { forgetDoubts } from '../../src/capture/doubtful-keys.ts'
import { mysqlInstrument } from '../../src/capture/instrument.ts'
import { forgetWritten } from '../../src/capture/written-columns.ts'
import { connect, ctx } from './harness.ts'

const schema = `
  CREATE TABLE users (id int PRIMARY KEY, who varchar(9));
  CREATE TABLE orders (id int PRIMARY KEY, user int, at timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3), who varchar(9),
    FOREIGN KEY (user) REFERENCES users (id) ON DELETE CASCADE);
  INSERT INTO users VALUES (1, 'other');
  INSERT INTO orders (id, user, who) VALUES (1, 1, 'other');`

const insert = `INSERT INTO users VALUES (5, 'test')`

for (const kind of ['mariadb', 'mysql'] as const)
  describeOn(kind, 'Rewritten times', (server) => {
    beforeEach(() => {
      forgetDoubts()
      forgetWritten()
    })

    /** By key, the provenance of the rows that refer to the test's user, which is recorded as a minute old. */
    async function provenance(...statements: readonly string[]): Promise<Record<string, string>> {
      const url = await server.database(schema)
      const sink = new RecordingSink()
      using _ = mysqlInstrument({ serves: () => true, ignoreTables: [] }).install(mysql2, sink)
      const db = await mysql.createConnection({ uri: url, multipleStatements: true })
      await sink.run('test', async () => {
        for (const statement of [insert, ...statements]) await db.query(statement)
      })
      await db.end()
      await using connection = await connect(url)
      const parents = sink.records
        .filter(({ type }) => type === 'users')
        .map((record): Target => ({ ...targetOf(record), createdAt: Date.now() - 60_000 }))
      const relations = await connection.relate?.(parents, { ...ctx, dependents: true })
      return Object.fromEntries(relations?.dependents.map(({ key, provenance }) => [String(key), provenance]) ?? [])
    }

    test.for([
      ['UPDATE', 'UPDATE orders SET user = 5, at = NOW(3) WHERE id = 1'],
      ['UPDATE of the foreign key only', 'UPDATE orders o SET o.user = 5'],
      ['UPDATE of several tables', `UPDATE orders JOIN users ON users.id = 1 SET orders.user = 5, orders.at = NOW(3)`],
      [
        'an upsert',
        `INSERT INTO orders (id, user, at) VALUES (1, 5, NOW(3)) ON DUPLICATE KEY UPDATE user = VALUES(user), at = VALUES(at)`,
      ],
      ['REPLACE', 'REPLACE INTO orders (id, user) VALUES (1, 5)'],
      ['DELETE and INSERT', 'DELETE FROM orders WHERE id = 1; INSERT INTO orders (id, user) VALUES (1, 5)'],
      ['TRUNCATE and INSERT', 'TRUNCATE orders; INSERT INTO orders (id, user) VALUES (1, 5)'],
      ['PREPARE', `PREPARE u FROM 'UPDATE orders SET user = 5, at = NOW(3)'; EXECUTE u`],
      ...(kind === 'mariadb'
        ? [['SET STATEMENT', 'SET STATEMENT max_statement_time = 5 FOR UPDATE orders SET user = 5, at = NOW(3)']]
        : [['WITH', 'WITH x AS (SELECT 1 AS id) UPDATE orders JOIN x USING (id) SET user = 5, at = NOW(3)']]),
    ])('an existing dependent is unproven after: %s', async ([, statement = '']) => {
      expect(await provenance(statement)).toEqual({ 1: 'unproven' })
    })

    test('a new dependent is proven when only other columns and tables were written', async () => {
      expect(
        await provenance(
          `UPDATE orders SET who = 'x'; UPDATE users SET who = 'y'`,
          `INSERT INTO orders (id, user) VALUES (9, 5) ON DUPLICATE KEY UPDATE who = 'z'`,
        ),
      ).toEqual({ 9: 'after-parent' })
    })
  })
