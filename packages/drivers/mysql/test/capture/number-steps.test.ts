/** Generated keys follow the session's auto_increment_increment, however it is set. */
import { RecordingSink } from '@dustpan/conformance/capture'
import { describeOn } from '@dustpan/conformance/servers/describe-on'
import { expect, test } from 'vitest'
import { keysIn } from '../server.ts'
import { capturing } from './capturing.ts'

const schema = `
  CREATE TABLE t (id int AUTO_INCREMENT PRIMARY KEY, n int);
  CREATE PROCEDURE stepping() SET SESSION auto_increment_increment = 10;`

for (const kind of ['mariadb', 'mysql'] as const)
  describeOn(kind, 'auto_increment_increment', (server) => {
    const captured = capturing(server, schema, RecordingSink)

    test.for([
      'SET @@auto_increment_increment = 10',
      'SET @@session.auto_increment_increment = 10',
      'SET LOCAL auto_increment_increment = 10',
      'SET `auto_increment_increment` = 10',
      'SET SESSION `auto_increment_increment` = 10',
      'SET @x = (SELECT 1), sql_notes = 1, `auto_increment_increment` = 10',
      'CALL stepping()',
      `PREPARE p FROM 'SET auto_increment_increment = 10'; EXECUTE p`,
      `PREPARE p FROM 'SET auto_increment_increment = 10'; EXECUTE p; SELECT 1`,
      'SELECT 1; CALL stepping(); SELECT 2',
    ])('every generated key is tracked after: %s', async (text) => {
      await captured.run('INSERT INTO t (n) VALUES (0)', text, 'INSERT INTO t (n) VALUES (1), (2), (3)')
      expect(captured.sink.keys()).toEqual({ t: await keysIn(captured.url, 't') })
      expect((await keysIn(captured.url, 't')).map(Number).at(-1)).toBeGreaterThan(20)
    })

    test('common SET statements do not make the table’s facts be read again', async () => {
      await captured.run('INSERT INTO t (n) VALUES (0)')
      const before = await questions()
      await captured.run(
        'SET FOREIGN_KEY_CHECKS = 0',
        'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED',
        `SET @a = 1, time_zone = '+00:00', @@session.lock_wait_timeout = 5`,
        'SET autocommit = 1',
      )
      await captured.run('INSERT INTO t (n) VALUES (0)')
      expect(await questions()).toBe(before)
    })

    /** Counts the SHOW CREATE TABLE by which a session checks whether a table is temporary. */
    async function questions(): Promise<unknown> {
      const [rows] = await captured.db.query(`SHOW SESSION STATUS LIKE 'Com_show_create_table'`)
      return (rows as { Value: string }[])[0]?.Value
    }
  })
