/** A table that another process truncated and filled again under the same keys. */
import { RecordingSink, targetOf } from '@dustpan/conformance/capture'
import { describeOn } from '@dustpan/conformance/servers/describe-on'
import mysql2 from 'mysql2'
import mysql from 'mysql2/promise'
import { describe, expect, test } from 'vitest'
import { mysqlInstrument } from '../../src/capture/instrument.ts'
import { forgetFacts } from '../../src/capture/table-facts.ts'
import { once } from '../server.ts'
import { connect, ctx, remove } from './harness.ts'

const schema = `
  CREATE TABLE parts (id int AUTO_INCREMENT PRIMARY KEY, name varchar(20)) PARTITION BY HASH (id) PARTITIONS 2;
  CREATE TABLE \`größe-ż 日\` (id int AUTO_INCREMENT PRIMARY KEY, name varchar(20));
  CREATE TABLE upper (id int AUTO_INCREMENT PRIMARY KEY, name varchar(20));
  CREATE TABLE Upper (id int AUTO_INCREMENT PRIMARY KEY, name varchar(20));
  CREATE TABLE plain (id int AUTO_INCREMENT PRIMARY KEY, name varchar(20));
  CREATE TABLE old (id int AUTO_INCREMENT PRIMARY KEY, name varchar(20)) ENGINE=MyISAM;
  CREATE TABLE brief (id int AUTO_INCREMENT PRIMARY KEY, name varchar(20)) ENGINE=MEMORY;`

for (const kind of ['mariadb', 'mysql'] as const)
  describeOn(kind, 'Table incarnations', (server) => {
    /** The records of what a test inserts. */
    async function inserted(url: string, sql: string) {
      const sink = new RecordingSink()
      using _ = mysqlInstrument({ serves: () => true, ignoreTables: [] }).install(mysql2, sink)
      const db = await mysql.createConnection(url)
      await sink.run('test', () => db.query(sql))
      await db.end()
      return sink.records
    }

    /** Creates a user who sees every table except InnoDB’s own. */
    async function withoutProcess(url: string): Promise<string> {
      const [name, user] = [new URL(url).pathname.slice(1), `s_${new URL(url).pathname.slice(1)}`.slice(0, 30)]
      await once(
        url,
        `CREATE USER ${user} IDENTIFIED BY 'x'; GRANT ALL ON ${name}.* TO ${user}; GRANT SELECT ON *.* TO ${user}`,
      )
      return Object.assign(new URL(url), { username: user, password: 'x' }).href
    }

    test.for(['parts', '`größe-ż 日`', 'upper', 'plain'])(
      'DUSTPAN_NOT_OURS: a row of %s that was inserted after a TRUNCATE is not removed',
      async (table) => {
        const url = await server.database(schema)
        const [mine] = await inserted(url, `INSERT INTO ${table} (id, name) VALUES (7, 'test')`)
        expect(mine?.proof).toMatchObject({ strength: 'incarnation', incarnation: { id: expect.any(Number) } })
        await using connection = await connect(url)
        await once(url, `TRUNCATE ${table}; INSERT INTO ${table} VALUES (7, 'theirs')`)
        expect(await remove(connection, [targetOf(mine as never)])).toEqual(['DUSTPAN_NOT_OURS'])
        forgetFacts()
        const [later] = await inserted(url, `INSERT INTO ${table} (id, name) VALUES (8, 'test')`)
        expect(await remove(connection, [targetOf(later as never)])).toEqual(['1 row'])
        expect(await once(url, `SELECT name FROM ${table}`)).toEqual([{ name: 'theirs' }])
      },
    )

    test('a TRUNCATE of a table whose name differs only in case does not affect the row', async () => {
      const url = await server.database(schema)
      const [mine] = await inserted(url, `INSERT INTO upper VALUES (7, 'test')`)
      await once(url, 'TRUNCATE Upper')
      await using connection = await connect(url)
      expect(await remove(connection, [targetOf(mine as never)])).toEqual(['1 row'])
    })

    describe('without a table id from the server', () => {
      test.for(['old', 'brief'])('the record of a row in %s has proof of strength key-only', async (table) => {
        const url = await server.database(schema)
        const [mine] = await inserted(url, `INSERT INTO ${table} (name) VALUES ('test')`)
        expect(mine?.proof).toMatchObject({ strength: 'key-only', incarnation: { created: expect.any(Number) } })
      })

      test.for(['plain', 'parts', 'old', 'brief'])(
        'DUSTPAN_NOT_OURS: a row of %s is not removed when AUTO_INCREMENT went back',
        async (table) => {
          const url = await server.database(schema)
          const as = await withoutProcess(url)
          const mine = await inserted(as, `INSERT INTO ${table} (name) VALUES ('a'), ('b'), ('c')`)
          expect(mine[0]?.proof.strength).toBe('key-only')
          await using connection = await connect(as)
          await once(url, `TRUNCATE ${table}; INSERT INTO ${table} (name) VALUES ('theirs')`)
          const [first, ...others] = await remove(connection, mine.map(targetOf))
          expect([first, ...others]).toEqual(['DUSTPAN_NOT_OURS', '0 rows', '0 rows'])
          expect(await once(url, `SELECT name FROM ${table}`)).toEqual([{ name: 'theirs' }])
        },
      )

      test('rows are removed when AUTO_INCREMENT did not go back', async () => {
        const url = await server.database(schema)
        const as = await withoutProcess(url)
        const mine = await inserted(as, `INSERT INTO plain (name) VALUES ('a'), ('b')`)
        await using connection = await connect(as)
        expect(await remove(connection, mine.map(targetOf))).toEqual(['1 row', '1 row'])
      })

      test('DUSTPAN_REMOVAL_FAILED: a table id that cannot be compared without PROCESS keeps the row', async () => {
        const url = await server.database(schema)
        const mine = await inserted(url, `INSERT INTO plain (name) VALUES ('a')`)
        await using connection = await connect(await withoutProcess(url))
        const [target] = mine.map(targetOf)
        const outcome = (await connection.remove([target as never], ctx)).get(target?.id ?? '')
        expect(outcome).toMatchObject({
          error: { code: 'DUSTPAN_REMOVAL_FAILED', message: expect.stringMatching(/PROCESS/) },
        })
        expect(await once(url, 'SELECT name FROM plain')).toEqual([{ name: 'a' }])
      })
    })
  })
