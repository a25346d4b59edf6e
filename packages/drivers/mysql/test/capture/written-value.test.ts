/** Keys that the server stores differently from how they are written. */
import { RecordingSink, targetOf } from '@dustpan/conformance/capture'
import { describeOn } from '@dustpan/conformance/servers/describe-on'
import { expect, test } from 'vitest'
import { connect, remove } from '../removal/harness.ts'
import { keysIn, once } from '../server.ts'
import { capturing } from './capturing.ts'

const schema = `
  CREATE TABLE flags (flag enum('2', '1', 'on') PRIMARY KEY, n int);
  CREATE TABLE zeros (id int AUTO_INCREMENT PRIMARY KEY, n int);
  CREATE TABLE latin (k varchar(9) PRIMARY KEY) CHARSET latin1;
  CREATE TABLE bmp (k varchar(9) PRIMARY KEY) CHARSET utf8mb3;
  CREATE TABLE bigs (id bigint PRIMARY KEY, n int);
  CREATE TABLE decs (id decimal(30,0) PRIMARY KEY, n int);
  CREATE TABLE days (id date PRIMARY KEY, n int);
  CREATE TABLE moments (id datetime PRIMARY KEY, n int);
  CREATE TABLE owed (id decimal(10,2) unsigned PRIMARY KEY, n int);
  CREATE TABLE padded (id char(9) PRIMARY KEY, n int) CHARSET utf8mb4 COLLATE $nopad;
  CREATE TABLE bare (n int);
  CREATE VIEW view_of AS SELECT * FROM zeros;
  INSERT INTO zeros VALUES (5, 0);`

for (const kind of ['mariadb', 'mysql'] as const)
  describeOn(kind, 'Keys stored differently from how they are written', (server) => {
    const captured = capturing(
      server,
      schema.replace('$nopad', kind === 'mariadb' ? 'utf8mb4_nopad_bin' : 'utf8mb4_0900_bin'),
      RecordingSink,
    )

    /** Every key on record is stored, or there is a warning. */
    async function expectStoredOrWarned(table: string, column: string): Promise<void> {
      const keys = captured.sink.keys()[table]
      const there = await keysIn(captured.url, table, column)
      if (keys) expect(keys.filter((key) => !there.includes(key))).toEqual([])
      else
        expect(captured.sink.warnings).toMatchObject([
          { code: 'DUSTPAN_SQL_UNATTRIBUTED', subject: expect.stringContaining(`.${table} `) },
        ])
    }

    test('a number in an ENUM key is tracked as the stored value, or warns', async () => {
      await captured.run('INSERT INTO flags VALUES (1, 0)')
      await expectStoredOrWarned('flags', 'flag')
      expect(await keysIn(captured.url, 'flags', 'flag')).toEqual(['2'])
    })

    test('a number in an ENUM key, prepared, is tracked as the stored value, or warns', async () => {
      await captured.sink.run('test', () => captured.db.execute('INSERT INTO flags VALUES (?, ?)', [1, 0]))
      await expectStoredOrWarned('flags', 'flag')
    })

    test('zero is a key with NO_AUTO_VALUE_ON_ZERO, and generates one otherwise', async () => {
      await captured.db.query(`SET sql_mode = 'NO_AUTO_VALUE_ON_ZERO'`)
      await captured.run('INSERT INTO zeros VALUES (0, 1), (NULL, 2)')
      await expectStoredOrWarned('zeros', 'id')
      await captured.db.query(`SET sql_mode = ''`)
      await captured.sink.run('later', () => captured.db.query('INSERT INTO zeros VALUES (0, 1)'))
      expect(captured.sink.keys('later')).toEqual({ zeros: [(await keysIn(captured.url, 'zeros')).at(-1)] })
    })

    test.for([
      ['latin', 'ż'],
      ['latin', '日'],
      ['bmp', '🎉'],
    ])(
      'in %s, a letter outside the column’s charset is tracked as stored, or warns: %s',
      async ([table = '', key = '']) => {
        await captured.db.query(`SET sql_mode = ''`)
        await captured.sink.run('test', () => captured.db.query(`INSERT INTO ${table} VALUES (?)`, [key]))
        await expectStoredOrWarned(table, 'k')
      },
    )

    test('letters of the column’s charset are tracked', async () => {
      await captured.run(`INSERT INTO latin VALUES ('é'), ('a')`)
      await captured.run(`INSERT INTO bmp VALUES ('日')`)
      expect(captured.sink.keys()).toEqual({ latin: ['é', 'a'], bmp: ['日'] })
    })

    const textsIn = (table: string) => keysIn(captured.url, table, 'CAST(id AS CHAR)')

    test.for([
      ['bigs', 2 ** 60],
      ['bigs', 2 ** 53],
      ['decs', 2 ** 62],
    ] as const)(
      'in %s, a number sent as a DOUBLE is tracked as stored on MariaDB and warns on MySQL: %s',
      async ([table, value]) => {
        await captured.sink.run('test', () => captured.db.execute(`INSERT INTO ${table} VALUES (?, 1)`, [value]))
        const keys = captured.sink.keys()[table]?.map(String)
        if (keys) expect(keys).toEqual(await textsIn(table))
        else expect(captured.sink.warnings).toMatchObject([{ code: 'DUSTPAN_SQL_UNATTRIBUTED' }])
        expect(keys !== undefined).toBe(kind === 'mariadb')
      },
    )

    test.for([
      ['days', `'2024-02-31'`],
      ['days', `'2023-02-29'`],
      ['moments', `'2024-04-31 10:00:00'`],
      ['owed', '-5.00'],
    ] as const)(
      'in %s, a value that INSERT IGNORE changes is tracked as stored, or warns: %s',
      async ([table, value]) => {
        await captured.run(`INSERT IGNORE INTO ${table} VALUES (${value}, 1)`)
        const there = await textsIn(table)
        for (const key of captured.sink.keys()[table] ?? []) expect(there).toContain(key)
        if (!captured.sink.keys()[table])
          expect(captured.sink.warnings).toMatchObject([{ code: 'DUSTPAN_SQL_UNATTRIBUTED' }])
      },
    )

    test('an invalid date is not tracked and warns, and as a key it removes no other row', async () => {
      await captured.db.query(`SET sql_mode = 'ALLOW_INVALID_DATES'`)
      await captured.db.query(`INSERT INTO days VALUES ('0000-00-00', 0)`)
      await captured.run(`INSERT INTO days VALUES ('2024-04-31', 1)`)
      expect(captured.sink.keys()).toEqual({})
      expect(captured.sink.warnings).toMatchObject([{ code: 'DUSTPAN_SQL_UNATTRIBUTED' }])
      await captured.run(`INSERT INTO days VALUES ('2024-02-29', 1)`)
      const records = captured.sink.records.map((record) => ({ ...record, key: '2024-04-31' }))
      await using connection = await connect(captured.url)
      await remove(connection, records.map(targetOf))
      expect(await textsIn('days')).toEqual(['0000-00-00', '2024-02-29', '2024-04-31'])
    })

    test('blanks added by PAD_CHAR_TO_FULL_LENGTH are not part of the tracked key', async () => {
      await captured.db.query(`SET sql_mode = 'PAD_CHAR_TO_FULL_LENGTH'`)
      await captured.run(`INSERT INTO padded VALUES (CONCAT('a', 'b'), 1)`)
      expect(captured.sink.keys()).toEqual(kind === 'mariadb' ? { padded: ['ab'] } : {})
      await captured.run(`INSERT INTO padded VALUES ('cd', 1)`)
      await using connection = await connect(captured.url)
      await remove(connection, captured.sink.records.map(targetOf))
      expect(await once(captured.url, 'SELECT id FROM padded')).toEqual(kind === 'mariadb' ? [] : [{ id: 'ab' }])
    })

    test('an INSERT into a keyless table or a view warns and settles its intent as not-a-creation', async () => {
      await captured.run('INSERT INTO bare VALUES (1)')
      await captured.run('INSERT INTO view_of (n) VALUES (1)')
      expect(captured.sink.warnings.map(({ code }) => code)).toEqual([
        'DUSTPAN_NO_PRIMARY_KEY',
        'DUSTPAN_SQL_UNATTRIBUTED',
      ])
      expect(captured.sink.intents.map(({ outcome }) => outcome)).toEqual(['not-a-creation', 'not-a-creation'])
    })
  })
