/** Whether a statement other than COMMIT and ROLLBACK has ended the open transaction: a rolled-back row is not on record. */
import { RecordingSink } from '@dustpan/conformance/capture'
import { describeOn } from '@dustpan/conformance/servers/describe-on'
import mysql from 'mysql2/promise'
import { expect, test } from 'vitest'
import { keysIn, once } from '../server.ts'
import { capturing } from './capturing.ts'

const schema = 'CREATE TABLE users (email varchar(20) PRIMARY KEY, name varchar(20)); CREATE TABLE t (id int);'

/** Statements that leave a transaction open, some of them by an error. */
const harmless: readonly string[] = [
  'UNLOCK TABLES',
  'XA RECOVER',
  'ALTER TABLE users ADD COLUMN',
  'DROP TABEL t',
  'GRANT foo',
  'BEGIN foo',
  'SELECT 1; CREATE TABEL t (id int)',
  'CREATE TABLE made (id int, name varchar(9) CHARSET foo)',
  'DROP TABLE t, t',
  'DROP PREPARE nope',
  `XA ROLLBACK 'nope'`,
  `INSERT INTO users VALUES ('a@x', 'T'); DROP TABLE t`,
]

const committing: readonly string[] = [
  'DROP TABLE nope',
  'TRUNCATE nope',
  'ALTER TABLE nope ADD COLUMN n int',
  'CREATE TABLE users (id int)',
  'LOCK TABLES nope READ',
  'CREATE VIEW seen AS SELECT * FROM nope',
  `INSTALL PLUGIN nope SONAME 'nope.so'`,
  'UNINSTALL PLUGIN nope',
]

const only = {
  mariadb: {
    harmless: ['ANALYZE SELECT 1', 'ANALYZE FORMAT=JSON SELECT * FROM t'],
    committing: [`SET PASSWORD FOR nobody = PASSWORD('x')`],
  },
  mysql: {
    harmless: ['LOCK INSTANCE FOR BACKUP', 'UNLOCK INSTANCE'],
    committing: [`SET PASSWORD FOR nobody = 'x'`, `CLONE LOCAL DATA DIRECTORY '/nope'`],
  },
}

for (const kind of ['mariadb', 'mysql'] as const)
  describeOn(kind, 'Transactions ended by other statements', (server) => {
    const captured = capturing(server, schema, RecordingSink)
    const user = `INSERT INTO users VALUES ('a@x', 'T')`

    async function inTest(...statements: readonly string[]): Promise<readonly string[]> {
      await captured.sink.run('test', async () => {
        for (const statement of statements) await captured.db.query(statement).catch(() => {})
      })
      return captured.sink.live()
    }

    test.each([...harmless, ...only[kind].harmless])('a row rolled back after %s is not tracked', async (statement) => {
      expect(await inTest('BEGIN', user, statement, 'ROLLBACK')).toEqual([])
      expect(await keysIn(captured.url, 'users', 'email')).toEqual([])
    })

    test.each([...committing, ...only[kind].committing])(
      'a row committed by the failed %s is tracked',
      async (statement) => {
        expect(await inTest('BEGIN', user, statement, 'ROLLBACK', 'UNLOCK TABLES')).toEqual(['users a@x'])
        expect(await keysIn(captured.url, 'users', 'email')).toEqual(['a@x'])
      },
    )

    test('a row committed by a procedure that then ends its own connection is tracked', async () => {
      await once(captured.url, 'CREATE PROCEDURE dies() BEGIN COMMIT; KILL CONNECTION_ID(); SELECT 1; END')
      await inTest('BEGIN', user)
      const calling = captured.sink.run('test', () => captured.db.query('CALL dies()'))
      await expect(calling).rejects.toMatchObject(kind === 'mariadb' ? { errno: 1927 } : { fatal: true })
      expect(captured.sink.live()).toEqual(['users a@x'])
      expect(await keysIn(captured.url, 'users', 'email')).toEqual(['a@x'])
    })

    test('a row committed by LOCK TABLES is tracked although a transaction is open after it', async () => {
      await inTest('CREATE TEMPORARY TABLE own (id int)', 'SET autocommit = 0')
      expect(await inTest(user, 'LOCK TABLES own WRITE', 'ROLLBACK')).toEqual(['users a@x'])
      expect(await keysIn(captured.url, 'users', 'email')).toEqual(['a@x'])
    })

    test('the warnings of a failed statement can still be shown', async () => {
      await inTest('BEGIN', user, 'DROP TABLE nope')
      expect((await captured.db.query('SHOW WARNINGS'))[0]).toMatchObject([{ Code: 1051 }])
    })

    const xa: [string, readonly string[]][] = [
      ['rolled back', [`XA END 'q'`, `XA ROLLBACK 'q'`]],
      ['rolled back after PREPARE', [`XA END 'q'`, `XA PREPARE 'q'`, `XA ROLLBACK 'q'`]],
      ['committed', [`XA END 'q'`, `XA COMMIT 'q' ONE PHASE`]],
      ['rolled back in the text of the INSERT', [`SELECT 1; XA END 'q'; XA ROLLBACK 'q'`]],
    ]
    test.each(xa)('DUSTPAN_SQL_UNATTRIBUTED: a row of an XA transaction that is %s is not tracked', async (_, ends) => {
      expect(await inTest(`XA START 'q'`, user, ...ends)).toEqual([])
      expect(
        await inTest(`XA START 'r'; INSERT INTO users VALUES ('b@x', 'T')`, `XA END 'r'`, `XA ROLLBACK 'r'`),
      ).toEqual([])
      expect(captured.sink.warnings).toContainEqual(expect.objectContaining({ code: 'DUSTPAN_SQL_UNATTRIBUTED' }))
      expect(await inTest(`INSERT INTO users VALUES ('c@x', 'T')`)).toEqual(['users c@x'])
    })

    test.each([
      ['ends when it is committed', 'COMMIT', []],
      ['stays when it is rolled back', 'ROLLBACK', ['users a@x']],
    ] as const)('the record of a row that an XA transaction deletes %s', async (_, end, live) => {
      await inTest(user, `XA START 'q'`, `DELETE FROM users WHERE email = 'a@x'`)
      expect(await inTest(`XA END 'q'`, end === 'COMMIT' ? `XA COMMIT 'q' ONE PHASE` : `XA ROLLBACK 'q'`)).toEqual(live)
    })

    test('the record of a row that a prepared XA transaction deletes ends', async () => {
      await inTest(user, `XA START 'q'`, `DELETE FROM users WHERE email = 'a@x'`)
      expect(await inTest(`XA END 'q'`, `XA PREPARE 'q'`)).toEqual([])
      await inTest(`XA ROLLBACK 'q'`)
    })
  })

/** A lock timeout rolls back the whole transaction. */
for (const kind of ['mariadb', 'mysql'] as const)
  describeOn(
    kind,
    'innodb_rollback_on_timeout',
    (server) => {
      const captured = capturing(server, schema, RecordingSink)

      test.each(['BEGIN', 'SET autocommit = 0'])(
        'a row rolled back by a lock timeout after %s is not tracked',
        async (begin) => {
          await once(captured.url, `INSERT INTO users VALUES ('locked', '')`)
          await using other = await mysql.createConnection(captured.url)
          await other.query('BEGIN')
          await other.query(`UPDATE users SET name = 'x' WHERE email = 'locked'`)
          await captured.run('SET innodb_lock_wait_timeout = 1', begin, `INSERT INTO users VALUES ('a@x', 'T')`)
          const waiting = captured.sink.run('test', () =>
            captured.db.query(`UPDATE users SET name = 'y' WHERE email = 'locked'`),
          )
          await expect(waiting).rejects.toMatchObject({ errno: 1205 })
          await captured.run(`INSERT INTO users VALUES ('b@x', 'T')`, 'COMMIT')
          expect(captured.sink.live()).toEqual(['users b@x'])
          expect(await keysIn(captured.url, 'users', 'email')).toContain('b@x')
          expect(await keysIn(captured.url, 'users', 'email')).not.toContain('a@x')
        },
      )
    },
    { own: true, flags: ['--innodb-rollback-on-timeout=ON'] },
  )

describeOn('mariadb', 'The error of a deadlock', (server) => {
  const captured = capturing(server, schema, RecordingSink)

  test('a row stays tracked if a statement that may commit fails with it and the transaction goes on', async () => {
    const fails = `BEGIN SIGNAL SQLSTATE '40001' SET MYSQL_ERRNO = 1213; RETURN 1; END`
    await once(captured.url, `CREATE FUNCTION fails() RETURNS int ${fails}`)
    await captured.run('BEGIN', `INSERT INTO users VALUES ('a@x', 'T')`)
    const analyzing = captured.sink.run('test', () => captured.db.query('ANALYZE SELECT fails()'))
    await expect(analyzing).rejects.toMatchObject({ errno: 1213 })
    await captured.run('COMMIT')
    expect(captured.sink.live()).toEqual(['users a@x'])
    expect(await keysIn(captured.url, 'users', 'email')).toEqual(['a@x'])
  })
})

describeOn('mariadb', 'innodb_snapshot_isolation', (server) => {
  const captured = capturing(server, schema, RecordingSink)

  test('a row rolled back as another changed since it was read is not tracked', async () => {
    await once(captured.url, `INSERT INTO users VALUES ('read', '')`)
    await captured.run(
      ...['SET innodb_snapshot_isolation = ON', 'SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ'],
      ...['SET autocommit = 0', 'SELECT * FROM users', `INSERT INTO users VALUES ('a@x', 'T')`],
    )
    await once(captured.url, `UPDATE users SET name = 'x' WHERE email = 'read'`)
    const update = captured.sink.run('test', () =>
      captured.db.query(`UPDATE users SET name = 'y' WHERE email = 'read'`),
    )
    await expect(update).rejects.toMatchObject({ errno: 1020 })
    await captured.run(`INSERT INTO users VALUES ('b@x', 'T')`, 'COMMIT')
    expect(captured.sink.live().map((one) => one.split(' ')[1])).toEqual(
      (await keysIn(captured.url, 'users', 'email')).filter((key) => key !== 'read'),
    )
  })
})
