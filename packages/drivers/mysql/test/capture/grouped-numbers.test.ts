/** A counter that is not the first column of an index (MyISAM, Aria) counts each group of rows by itself. */
import { RecordingSink } from '@dustpan/conformance/capture'
import { describeOn } from '@dustpan/conformance/servers/describe-on'
import type { ResultSetHeader } from 'mysql2/promise'
import { expect, test } from 'vitest'
import { once } from '../server.ts'
import { capturing } from './capturing.ts'

const schema = `
  CREATE TABLE animals (grp varchar(9), id int AUTO_INCREMENT, name varchar(20), PRIMARY KEY (grp, id)) ENGINE = MyISAM;
  INSERT INTO animals VALUES ('bird', 1, 'old'), ('bird', 2, 'old');
  CREATE TABLE numbered (grp varchar(9), id int AUTO_INCREMENT, name varchar(20), PRIMARY KEY (grp, id), KEY (id)) ENGINE = MyISAM;`

const two = (table: string) => `INSERT INTO ${table} (grp, name) VALUES ('fish', 'x'), ('bird', 'y')`

for (const kind of ['mariadb', 'mysql'] as const)
  describeOn(kind, 'Counters of groups', (server) => {
    const captured = capturing(server, schema, RecordingSink)

    test('existing rows are not tracked when an INSERT has rows of several groups', async () => {
      const [result] = await captured.sink.run('test', () => captured.db.query<ResultSetHeader>(two('animals')))
      const isMariaDB = kind === 'mariadb'
      expect(captured.sink.live()).toEqual(isMariaDB ? ['animals ["fish",1]', 'animals ["bird",3]'] : [])
      expect(captured.sink.warnings.map(({ code }) => code)).toEqual(isMariaDB ? [] : ['DUSTPAN_SQL_UNATTRIBUTED'])
      const own = await once(captured.url, 'TRUNCATE animals; SELECT 1').then(() => once(captured.url, two('animals')))
      expect(result.insertId).toBe((own as unknown as ResultSetHeader).insertId)
    })

    test('a single row is tracked by the number of its group', async () => {
      await captured.run(`INSERT INTO animals (grp, name) VALUES ('bird', 'y')`)
      expect(captured.sink.live()).toEqual(['animals ["bird",3]'])
    })

    test('rows of several groups are tracked if an index begins with the counter', async () => {
      await captured.run(two('numbered'))
      expect(captured.sink.live()).toEqual(['numbered ["fish",1]', 'numbered ["bird",2]'])
    })
  })
