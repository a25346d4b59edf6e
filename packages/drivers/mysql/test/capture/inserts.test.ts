import { RecordingSink } from '@dustpan/conformance/capture'
import { describeOn } from '@dustpan/conformance/servers/describe-on'
import type { Connection } from 'mysql2/promise'
import mysql from 'mysql2/promise'
import { afterEach, describe, expect, test } from 'vitest'
import { once } from '../server.ts'
import { capturing } from './capturing.ts'

const schema = `
  CREATE TABLE users (id int AUTO_INCREMENT PRIMARY KEY, email varchar(50) UNIQUE, name varchar(50));
  CREATE TABLE tokens (id char(36) PRIMARY KEY DEFAULT (uuid()), name varchar(50) UNIQUE);
  CREATE TABLE pairs (a int, b varchar(20), n int, PRIMARY KEY (a, b));
  CREATE TABLE bytes (id binary(16) PRIMARY KEY, n int);
  CREATE TABLE big (id bigint unsigned AUTO_INCREMENT PRIMARY KEY, n int);
  CREATE TABLE moments (id datetime(3) PRIMARY KEY);
  CREATE TABLE money (id decimal(20,2) PRIMARY KEY);
  CREATE TABLE bare (n int);
  CREATE TABLE old (id int AUTO_INCREMENT PRIMARY KEY, n int) ENGINE=MyISAM;
  CREATE TABLE triggered (id char(10) PRIMARY KEY, n int);
  CREATE TRIGGER naming BEFORE INSERT ON triggered FOR EACH ROW SET NEW.id = CONCAT('t', NEW.n);
  CREATE TABLE \`od-d ta.ble?\` (\`k?y\` int PRIMARY KEY, \`wh\`\`at\` text);
  CREATE VIEW view_of AS SELECT * FROM users;
  INSERT INTO users (email, name) VALUES ('seed@x', 'seed');`

describeOn('mariadb', 'Capture of inserts', (server) => {
  const captured = capturing(server, schema, RecordingSink)
  let twin: Connection | undefined
  afterEach(async () => {
    await twin?.end()
    twin = undefined
  })

  /** Runs a statement with and without capture in two equal databases, expects equal results, and returns the tracked keys. */
  async function both(sql: string, values?: unknown, how: 'query' | 'execute' = 'query') {
    twin ??= await mysql.createConnection({ uri: await server.database(schema), multipleStatements: true })
    const run = (connection: Connection) =>
      (connection[how] as (sql: string, values?: unknown) => Promise<unknown>)(sql, values).catch((error: Error) => ({
        ...error,
        message: error.message,
      }))
    const plain = await run(twin)
    const seen = await captured.sink.run('test', () => run(captured.db))
    expect(comparable(seen)).toBe(comparable(plain))
    return captured.sink.keys('test')
  }

  /** The result as JSON, without database names. */
  function comparable(result: unknown): string {
    const comparable = JSON.stringify(result, (name, value) => (name === '_buf' ? undefined : value))
    return comparable.replaceAll(/test_[\da-f]+/g, 'test')
  }

  describe('Plain inserts', () => {
    test('an INSERT of one row is tracked', async () => {
      expect(await both(`INSERT INTO users (email) VALUES ('a')`)).toEqual({ users: [2] })
      expect(captured.sink.records[0]).toMatchObject({
        type: 'users',
        via: 'INSERT INTO users',
        proof: { strength: 'incarnation' },
        removal: { driver: '$driver', op: 'delete-row', v: 1, args: { table: 'users', columns: ['id'] } },
      })
    })
    test('an INSERT of several rows tracks each key', async () => {
      expect(await both('INSERT INTO users (email) VALUES ?', [[['a'], ['b'], ['c']]])).toEqual({ users: [2, 3, 4] })
    })
    test('an INSERT of several rows tracks each key with auto_increment_increment = 5', async () => {
      await captured.db.query('SET auto_increment_increment = 5')
      await captured.sink.run('test', () => captured.db.query(`INSERT INTO users (email) VALUES ('a'), ('b')`))
      const rows = await once(captured.url, `SELECT id FROM users WHERE email IN ('a', 'b') ORDER BY id`)
      expect(captured.sink.keys()).toEqual({ users: rows.map(({ id }) => id) })
    })
    test('a prepared INSERT is tracked', async () => {
      expect(await both('INSERT INTO users (email, name) VALUES (?, ?)', ['a', null], 'execute')).toEqual({
        users: [2],
      })
    })
    test('INSERT … SET with an object is tracked', async () => {
      expect(await both('INSERT INTO users SET ?', { email: 'a', name: 'b' })).toEqual({ users: [2] })
    })
    test('an INSERT of defaults only is tracked', async () => {
      expect(await both('INSERT INTO users () VALUES ()')).toEqual({ users: [2] })
    })
    test('keys of several columns are tracked', async () => {
      expect(await both(`INSERT INTO pairs VALUES (1, 'it''s', 1), (2, '\\\\', 2)`)).toEqual({
        pairs: [
          [1, "it's"],
          [2, '\\'],
        ],
      })
    })
    test('binary keys are tracked as hexadecimal text', async () => {
      const id = Buffer.from('00112233445566778899aabbccddeeff', 'hex')
      expect(await both('INSERT INTO bytes VALUES (?, 1)', [id])).toEqual({ bytes: [`0x${id.toString('hex')}`] })
      expect(await both('INSERT INTO bytes VALUES (?, 1)', [Buffer.alloc(16, 7)], 'execute')).toMatchObject({
        bytes: [`0x${id.toString('hex')}`, `0x${'07'.repeat(16)}`],
      })
    })
    test('integer keys beyond 2^53 are tracked as text', async () => {
      await both(`ALTER TABLE big AUTO_INCREMENT = 18446744073709551000`)
      await once(captured.url, `ALTER TABLE big AUTO_INCREMENT = 18446744073709551000`)
      await captured.sink.run('test', () => captured.db.query('INSERT INTO big (n) VALUES (1)'))
      await captured.sink.run('test', () => captured.db.query(`INSERT INTO big (id) VALUES (18446744073709551002)`))
      expect(captured.sink.keys()).toEqual({ big: ['18446744073709551000', '18446744073709551002'] })
    })
    test('time and decimal keys are tracked as the server writes them', async () => {
      await both(`INSERT INTO moments VALUES ('2026-01-02 03:04:05.678')`)
      expect(await both(`INSERT INTO money VALUES (7.50), (1e3), ('8')`)).toEqual({
        moments: ['2026-01-02 03:04:05.678'],
        money: ['7.50', '1000.00', '8.00'],
      })
    })
    test('names that need quotes and a table of another database are tracked', async () => {
      const other = await server.database('CREATE TABLE `od-d ta.ble?` (`k?y` int PRIMARY KEY)')
      const name = new URL(other).pathname.slice(1)
      await both('INSERT INTO `od-d ta.ble?` (`k?y`, `wh``at`) VALUES (7, NULL)')
      await captured.sink.run('test', () => captured.db.query(`INSERT INTO ${name}.\`od-d ta.ble?\` VALUES (8)`))
      expect(captured.sink.keys()).toEqual({ 'od-d ta.ble?': [7], [`${name}.od-d ta.ble?`]: [8] })
    })
    test('rows of a table without transactions are tracked after a ROLLBACK', async () => {
      await captured.sink.run('test', () =>
        captured.db.query('START TRANSACTION; INSERT INTO old (n) VALUES (1), (2); ROLLBACK'),
      )
      expect(captured.sink.keys()).toEqual({ old: [1, 2] })
    })
  })

  describe('Keys that only the server knows', () => {
    test('keys from a default, a trigger or a function are tracked', async () => {
      await captured.sink.run('test', () => captured.db.query(`INSERT INTO tokens (name) VALUES ('a'), ('b')`))
      await both(`INSERT INTO triggered (n) VALUES (1), (2)`)
      await both(`INSERT INTO users (id, email) VALUES (3 + 4, 'a')`)
      const rows = await once(captured.url, 'SELECT id FROM tokens ORDER BY name')
      expect(captured.sink.keys()).toEqual({ tokens: rows.map(({ id }) => id), triggered: ['t1', 't2'], users: [7] })
    })
    test('keys computed in a prepared statement are tracked', async () => {
      expect(await both(`INSERT INTO users (id, email) VALUES (? + 1, ?)`, [6, 'a'], 'execute')).toEqual({ users: [7] })
      expect(await both(`INSERT INTO users (id, email) VALUES (? + 1, ?)`, [8, 'b'], 'execute')).toEqual({
        users: [7, 9],
      })
    })
    test('given and generated keys of one INSERT are tracked', async () => {
      expect(await both(`INSERT INTO users (id, email) VALUES (50, 'a'), (NULL, 'b')`)).toEqual({ users: [50, 51] })
    })
    test('generated keys of INSERT … SELECT are tracked', async () => {
      expect(await both(`INSERT INTO users (email) SELECT CONCAT('x', seq) FROM seq_1_to_3;`)).toEqual({
        users: [2, 3, 4],
      })
      expect(await both(`INSERT INTO users (email) SELECT 'y' FROM users WHERE id = 99`)).toEqual({ users: [2, 3, 4] })
    })
    test('the keys in the user’s own RETURNING are tracked', async () => {
      expect(await both(`INSERT INTO users (email) VALUES ('a'), ('b') RETURNING email, id`)).toEqual({ users: [2, 3] })
    })
    test('an INSERT works for a user without SELECT, and generated numbers are tracked', async () => {
      const name = new URL(captured.url).pathname.slice(1)
      await once(
        captured.url,
        `CREATE OR REPLACE USER blind_${name} IDENTIFIED BY 'x'; GRANT INSERT ON ${name}.* TO blind_${name}`,
      )
      const blind = await mysql.createConnection({ uri: captured.url, user: `blind_${name}`, password: 'x' })
      await captured.sink.run('test', () => blind.query(`INSERT INTO triggered (n) VALUES (1)`))
      await captured.sink.run('test', () => blind.query(`INSERT INTO users (email) VALUES ('a')`))
      await blind.end()
      expect(captured.sink.keys()).toEqual({ users: [2] })
      expect(await once(captured.url, 'SELECT id FROM triggered')).toEqual([{ id: 't1' }])
    })
  })

  describe('Existing rows are not tracked as created', () => {
    test('an upsert tracks a new row and not an updated one', async () => {
      const upsert = `INSERT INTO users (email, name) VALUES (?, ?) ON DUPLICATE KEY UPDATE name = VALUES(name)`
      await both(upsert, ['seed@x', 'seed'])
      expect(await both(upsert, ['seed@x', 'other'])).toEqual({})
      expect(Object.keys(await both(upsert, ['new@x', 'a']))).toEqual(['users'])
      expect(captured.sink.warnings).toEqual([])
      expect(captured.sink.intents.map(({ outcome }) => outcome)).toEqual([
        'updated-existing',
        'updated-existing',
        'created',
      ])
    })
    test('an upsert of several rows is tracked when all are new, and warns otherwise', async () => {
      const upsert = `ON DUPLICATE KEY UPDATE name = VALUES(name)`
      expect(await both(`INSERT INTO users (email, name) VALUES ('a', 'a'), ('b', 'b') ${upsert}`)).toEqual({
        users: [2, 3],
      })
      await both(`INSERT INTO users (email, name) VALUES ('seed@x', 'seed'), ('c', 'c') ${upsert}`)
      expect(captured.sink.keys()).toEqual({ users: [2, 3] })
      expect(captured.sink.warnings).toMatchObject([
        { code: 'DUSTPAN_SQL_UNATTRIBUTED', subject: expect.stringMatching(/\.users /) },
      ])
    })
    test('an upsert by a written key warns; without the flag FOUND_ROWS its new row is tracked', async () => {
      const upsert = `INSERT INTO pairs VALUES (1, 'a', 1) ON DUPLICATE KEY UPDATE n = 1`
      expect(await both(upsert)).toEqual({})
      expect(captured.sink.warnings).toMatchObject([
        { code: 'DUSTPAN_SQL_UNATTRIBUTED', subject: expect.stringMatching(/\.pairs /) },
      ])
      const exact = await mysql.createConnection({ uri: captured.url, flags: ['-FOUND_ROWS'] })
      await captured.sink.run('test', () => exact.query(upsert))
      await captured.sink.run('test', () => exact.query(upsert.replaceAll('1', '2')))
      await exact.end()
      expect(captured.sink.keys()).toEqual({ pairs: [[2, 'a']] })
    })
    test('INSERT IGNORE tracks inserted rows only', async () => {
      await both(`INSERT IGNORE INTO users (email) VALUES ('seed@x')`)
      expect(captured.sink.keys()).toEqual({})
      expect(
        Object.values(await both(`INSERT IGNORE INTO users (email) VALUES ('seed@x'), ('a')`)).flat(),
      ).toHaveLength(1)
    })
    test('the info of a single row is empty, as without capture, although the row gave a warning', async () => {
      const sql = `INSERT IGNORE INTO tokens (name) VALUES (REPEAT('x', 60))`
      const [result] = await captured.sink.run('test', () => captured.db.query<mysql.ResultSetHeader>(sql))
      expect(result).toMatchObject({ info: '', warningStatus: 1 })
    })
    test('REPLACE tracks new rows only', async () => {
      await both(`REPLACE INTO users (id, email) VALUES (1, 'seed@x')`)
      expect(captured.sink.keys()).toEqual({})
      expect(await both(`REPLACE INTO users (id, email) VALUES (8, 'a'), (9, 'b')`)).toEqual({ users: [8, 9] })
    })
    test('REPLACE of an unchanged row tracks nothing, and warns together with a new row', async () => {
      await both(`REPLACE INTO users (id, email, name) VALUES (1, 'seed@x', 'seed')`)
      await both('REPLACE INTO users (id, email, name) VALUES (?, ?, ?)', [1, 'seed@x', 'seed'], 'execute')
      expect([captured.sink.keys(), captured.sink.warnings]).toEqual([{}, []])
      await both(`REPLACE INTO users (id, email, name) VALUES (1, 'seed@x', 'seed'), (9, 'b', 'b')`)
      expect([captured.sink.keys(), captured.sink.warnings.map(({ code }) => code)]).toEqual([
        {},
        ['DUSTPAN_SQL_UNATTRIBUTED'],
      ])
    })
    test.each([
      ['pairs', `(1, 'it''s \\\\', 2)`, [1, "it's \\"]],
      ['bytes', `(x'00112233445566778899aabbccddeeff', 1)`, '0x00112233445566778899aabbccddeeff'],
      ['moments', `('2026-01-02 03:04:05.678')`, '2026-01-02 03:04:05.678'],
      ['money', `('10.50')`, '10.50'],
    ])('REPLACE in %s tracks a new row once and not when it exists', async (table, row, key) => {
      expect(await both(`REPLACE INTO ${table} VALUES ${row}`)).toEqual({ [table]: [key] })
      await both(`REPLACE INTO ${table} VALUES ${row}`)
      expect(captured.sink.keys()).toEqual({ [table]: [key] })
    })
    test('a failed INSERT tracks nothing and settles its intent as rejected', async () => {
      await both(`INSERT INTO users (email) VALUES ('a'), ('seed@x')`)
      await both(`INSERT INTO missing (email) VALUES ('a')`)
      await both('INSERT INTO users (email) SELECT nothing')
      expect(captured.sink.keys()).toEqual({})
      expect(captured.sink.intents.map(({ outcome }) => outcome)).toEqual(['rejected', 'rejected'])
    })
  })

  describe('An INSERT whose keys are unknown warns once', () => {
    test.for([
      ['into a view', 'INSERT INTO view_of (name) VALUES (9)'],
      ['into a table without a primary key', 'INSERT INTO bare VALUES (1)'],
      ['in a procedure', 'CALL filling()'],
      ['of all columns from a SELECT', 'INSERT INTO users SELECT 9, 9, 9'],
      ['by CREATE TABLE … SELECT', 'CREATE TABLE made (id int PRIMARY KEY) SELECT 1 AS id'],
    ] as const)('%s', async ([, sql]) => {
      await once(captured.url, `CREATE PROCEDURE filling() INSERT INTO users (name) VALUES ('p')`)
      await captured.sink.run('test', () => captured.db.query(sql))
      await captured.sink.run('test', () => captured.db.query(sql.replaceAll('9', '8').replace('made', 'made2')))
      expect(captured.sink.keys()).toEqual({})
      expect(captured.sink.warnings.map(({ code }) => code)).toEqual([
        sql.includes('bare') ? 'DUSTPAN_NO_PRIMARY_KEY' : 'DUSTPAN_SQL_UNATTRIBUTED',
      ])
    })
    test('DUSTPAN_SQL_UNPARSABLE: a text that cannot be parsed is sent unchanged', async () => {
      const sql = String.raw`SET sql_mode = 'NO_BACKSLASH_ESCAPES'; INSERT INTO users (email) VALUES ('\')`
      await both(sql)
      expect(captured.sink.warnings).toMatchObject([{ code: 'DUSTPAN_SQL_UNPARSABLE' }])
      expect(await once(captured.url, 'SELECT email FROM users WHERE id = 2')).toEqual([{ email: '\\' }])
      expect(await both(String.raw`INSERT INTO users (email) VALUES ('\\')`)).toEqual({ users: [3] })
    })
    test('rows of a temporary table are not tracked, also when it hides another table', async () => {
      await captured.sink.run('test', async () => {
        await captured.db.query(`INSERT INTO users (email) VALUES ('a')`)
        await captured.db.query('CREATE TEMPORARY TABLE users (id int AUTO_INCREMENT PRIMARY KEY, email text)')
        await captured.db.query(`INSERT INTO users (email) VALUES ('b')`)
        await captured.db.query('DROP TEMPORARY TABLE users')
        await captured.db.query(`INSERT INTO users (email) VALUES ('c')`)
      })
      expect(captured.sink.keys()).toEqual({ users: [2, 3] })
    })
  })
})
