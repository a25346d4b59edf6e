/** Without the privilege TRIGGER, MySQL hides triggers, which may store another key than the INSERT writes. */
import { RecordingSink } from '@dustpan/conformance/capture'
import { describeOn } from '@dustpan/conformance/servers/describe-on'
import mysql2 from 'mysql2'
import mysql from 'mysql2/promise'
import { beforeEach, expect, test } from 'vitest'
import { mysqlInstrument } from '../../src/capture/instrument.ts'
import { forgetFacts } from '../../src/capture/table-facts.ts'
import { keysIn, once } from '../server.ts'

const schema = `
  CREATE TABLE codes (code varchar(20) PRIMARY KEY, who varchar(9));
  CREATE TABLE users (id int AUTO_INCREMENT PRIMARY KEY, who varchar(9));
  CREATE TRIGGER upper_case BEFORE INSERT ON codes FOR EACH ROW SET NEW.code = CONCAT(NEW.code, '!');
  CREATE TABLE plain (code varchar(20) PRIMARY KEY, who varchar(9));`

for (const kind of ['mariadb', 'mysql'] as const)
  describeOn(kind, 'Triggers hidden from the user', (server) => {
    let url: string
    let database: string
    let sink: RecordingSink
    beforeEach(async () => {
      forgetFacts()
      url = await server.database(schema)
      database = new URL(url).pathname.slice(1)
      sink = new RecordingSink()
    })

    async function insertAs(grants: string, ...statements: readonly string[]) {
      const user = `u${database.slice(-9)}${grants.length}`
      await once(url, `CREATE USER ${user} IDENTIFIED BY 'x'; ${grants.replaceAll('$user', user)}`)
      using _ = mysqlInstrument({ serves: () => true, ignoreTables: [] }).install(mysql2, sink)
      const db = await mysql.createConnection({ uri: url, user, password: 'x' })
      await sink.run('test', async () => {
        for (const sql of statements) await db.query(sql)
      })
      await db.end()
      await once(url, `DROP USER ${user}`)
    }

    const both = [`INSERT INTO codes VALUES ('x', 'test')`, `INSERT INTO users (who) VALUES ('test')`]
    const rights = 'SELECT, INSERT, UPDATE, DELETE'

    test('on MySQL a written key is not tracked and warns, a generated number is tracked', async () => {
      await insertAs(`GRANT ${rights} ON ${database}.* TO $user`, ...both)
      expect(await keysIn(url, 'codes', 'code')).toEqual(['x!'])
      expect(sink.keys()).toEqual(kind === 'mariadb' ? { codes: ['x!'], users: [1] } : { users: [1] })
      if (kind === 'mysql')
        expect(sink.warnings).toMatchObject([
          { code: 'DUSTPAN_SQL_UNATTRIBUTED', message: expect.stringContaining('the privilege TRIGGER') },
        ])
    })

    test.for<readonly [string, () => string]>([
      ['ALL on the database', () => `GRANT ALL ON ${database}.* TO $user`],
      [
        'ALL on a pattern that matches the database',
        () => `GRANT ALL ON \`${database.replaceAll('_', '\\_')}\`.* TO $user`,
      ],
      ['TRIGGER on *.*', () => `GRANT ${rights}, TRIGGER ON *.* TO $user`],
      ['TRIGGER on the table', () => `GRANT ${rights}, TRIGGER ON ${database}.plain TO $user`],
      [
        'ALL through a role',
        () => `DROP ROLE IF EXISTS r${database}; CREATE ROLE r${database}; GRANT ALL ON ${database}.* TO r${database};
          GRANT r${database} TO $user; SET DEFAULT ROLE r${database} ${kind === 'mysql' ? 'TO' : 'FOR'} $user`,
      ],
    ])('a written key is tracked for a user who may see triggers: %s', async ([, grants]) => {
      await insertAs(grants(), `INSERT INTO plain VALUES ('x', 'test')`)
      expect(sink.keys()).toEqual({ plain: ['x'] })
      expect(sink.warnings).toEqual([])
    })

    test('on MySQL a privilege on another database does not make a written key tracked', async () => {
      await insertAs(
        `GRANT ${rights} ON ${database}.* TO $user; GRANT ALL ON other_${database}.* TO $user`,
        `INSERT INTO plain VALUES ('x', 'test')`,
      )
      expect(sink.keys()).toEqual(kind === 'mariadb' ? { plain: ['x'] } : {})
    })
  })
