/** Values that are stored as another one than they are written. */
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
  describeOn(kind, 'Values that become others', (server) => {
    const captured = capturing(
      server,
      schema.replace('$nopad', kind === 'mariadb' ? 'utf8mb4_nopad_bin' : 'utf8mb4_0900_bin'),
      RecordingSink,
    )

    /** The keys on record are in the table, or there is a warning. */
    async function areTold(table: string, column: string): Promise<void> {
      const keys = captured.sink.keys()[table]
      const there = await keysIn(captured.url, table, column)
      if (keys) expect(keys.filter((key) => !there.includes(key))).toEqual([])
      else
        expect(captured.sink.warnings).toMatchObject([
          { code: 'DUSTPAN_SQL_UNATTRIBUTED', subject: expect.stringContaining(`.${table} `) },
        ])
    }

    test('a number is an ENUM’s place', async () => {
      await captured.run('INSERT INTO flags VALUES (1, 0)')
      await areTold('flags', 'flag')
      expect(await keysIn(captured.url, 'flags', 'flag')).toEqual(['2'])
    })

    test('a number is an ENUM’s place, prepared', async () => {
      await captured.sink.run('test', () => captured.db.execute('INSERT INTO flags VALUES (?, ?)', [1, 0]))
      await areTold('flags', 'flag')
    })

    test('zero is a number where NO_AUTO_VALUE_ON_ZERO says so', async () => {
      await captured.db.query(`SET sql_mode = 'NO_AUTO_VALUE_ON_ZERO'`)
      await captured.run('INSERT INTO zeros VALUES (0, 1), (NULL, 2)')
      await areTold('zeros', 'id')
      await captured.db.query(`SET sql_mode = ''`)
      await captured.sink.run('later', () => captured.db.query('INSERT INTO zeros VALUES (0, 1)'))
      expect(captured.sink.keys('later')).toEqual({ zeros: [(await keysIn(captured.url, 'zeros')).at(-1)] })
    })

    test.for([
      ['latin', 'ż'],
      ['latin', '日'],
      ['bmp', '🎉'],
    ])('a letter that a column of %s has not', async ([table = '', key = '']) => {
      await captured.db.query(`SET sql_mode = ''`)
      await captured.sink.run('test', () => captured.db.query(`INSERT INTO ${table} VALUES (?)`, [key]))
      await areTold(table, 'k')
    })

    test('letters that a column has', async () => {
      await captured.run(`INSERT INTO latin VALUES ('é'), ('a')`)
      await captured.run(`INSERT INTO bmp VALUES ('日')`)
      expect(captured.sink.keys()).toEqual({ latin: ['é', 'a'], bmp: ['日'] })
    })

    const textsIn = (table: string) => keysIn(captured.url, table, 'CAST(id AS CHAR)')

    test.for([
      ['bigs', 2 ** 60],
      ['bigs', 2 ** 53],
      ['decs', 2 ** 62],
    ] as const)('in %s, a number that goes as a DOUBLE: %s', async ([table, value]) => {
      await captured.sink.run('test', () => captured.db.execute(`INSERT INTO ${table} VALUES (?, 1)`, [value]))
      const keys = captured.sink.keys()[table]?.map(String)
      if (keys) expect(keys).toEqual(await textsIn(table))
      else expect(captured.sink.warnings).toMatchObject([{ code: 'DUSTPAN_SQL_UNATTRIBUTED' }])
      expect(keys !== undefined).toBe(kind === 'mariadb')
    })

    test.for([
      ['days', `'2024-02-31'`],
      ['days', `'2023-02-29'`],
      ['moments', `'2024-04-31 10:00:00'`],
      ['owed', '-5.00'],
    ] as const)('in %s, what IGNORE stores as another one: %s', async ([table, value]) => {
      await captured.run(`INSERT IGNORE INTO ${table} VALUES (${value}, 1)`)
      const there = await textsIn(table)
      for (const key of captured.sink.keys()[table] ?? []) expect(there).toContain(key)
      if (!captured.sink.keys()[table])
        expect(captured.sink.warnings).toMatchObject([{ code: 'DUSTPAN_SQL_UNATTRIBUTED' }])
    })

    test('a day that is in no calendar: it is told, and names no other row', async () => {
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

    test('blanks that PAD_CHAR_TO_FULL_LENGTH shows are not stored', async () => {
      await captured.db.query(`SET sql_mode = 'PAD_CHAR_TO_FULL_LENGTH'`)
      await captured.run(`INSERT INTO padded VALUES (CONCAT('a', 'b'), 1)`)
      expect(captured.sink.keys()).toEqual(kind === 'mariadb' ? { padded: ['ab'] } : {})
      await captured.run(`INSERT INTO padded VALUES ('cd', 1)`)
      await using connection = await connect(captured.url)
      await remove(connection, captured.sink.records.map(targetOf))
      expect(await once(captured.url, 'SELECT id FROM padded')).toEqual(kind === 'mariadb' ? [] : [{ id: 'ab' }])
    })

    test('an answer without a key is an answer', async () => {
      await captured.run('INSERT INTO bare VALUES (1)')
      await captured.run('INSERT INTO view_of (n) VALUES (1)')
      expect(captured.sink.warnings.map(({ code }) => code)).toEqual([
        'DUSTPAN_NO_PRIMARY_KEY',
        'DUSTPAN_SQL_UNATTRIBUTED',
      ])
      expect(captured.sink.intents.map(({ outcome }) => outcome)).toEqual(['not-a-creation', 'not-a-creation'])
    })
  })
