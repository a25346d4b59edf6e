/** A connection's charset may change letters on their way to the server. */
import { RemovedSink } from '@dustpan/conformance/capture'
import { describeOn } from '@dustpan/conformance/servers/describe-on'
import mysql from 'mysql2/promise'
import { expect, test } from 'vitest'
import { keysIn, once } from '../server.ts'
import { capturing } from './capturing.ts'

const schema = `CREATE TABLE tags (name varchar(40) COLLATE utf8mb4_bin PRIMARY KEY, who varchar(9)) CHARSET utf8mb4`

for (const kind of ['mariadb', 'mysql'] as const)
  describeOn(kind, 'The charset of a connection', (server) => {
    const captured = capturing(server, schema, RemovedSink)

    async function inserted(charset: string | undefined, name: string, before: string | undefined, how = 'query') {
      const db = await mysql.createConnection({
        uri: captured.url,
        multipleStatements: true,
        ...(charset ? { charset } : {}),
      })
      const sql = `INSERT INTO tags VALUES (?, 'test')`
      await captured.sink.run('test', async () => {
        await db.query(`SET SESSION sql_mode = ''`)
        if (before) await db.query(before)
        await (how === 'query' ? db.query(sql, [name]) : db.execute(sql, [name])).catch(() => {})
      })
      await db.end()
    }

    /** Every key on record is stored, and every other stored key was warned about. */
    async function expectStoredOrWarned(): Promise<void> {
      const there = await keysIn(captured.url, 'tags', 'name')
      const { tags = [] } = captured.sink.keys()
      expect(tags.filter((key) => !there.includes(key))).toEqual([])
      if (tags.length < there.length)
        expect(captured.sink.warnings).toMatchObject([{ code: 'DUSTPAN_SQL_UNATTRIBUTED' }])
      if (kind === 'mariadb') expect(tags).toEqual(there)
    }

    test.for<readonly [string | undefined, string, string?]>([
      ['latin1', '日本'],
      ['latin1', 'Łódź'],
      ['utf8', '😀'],
      [undefined, 'é', 'SET NAMES latin1'],
      [undefined, 'é', 'SET CHARACTER SET latin1'],
      [undefined, 'é', 'SET character_set_client = latin1'],
      [undefined, 'é', 'SET @@session.character_set_connection = ascii'],
    ])('with charset %s, the key %s is tracked as stored, or warns: %s', async ([charset, name, before]) => {
      await inserted(charset, name, before)
      await expectStoredOrWarned()
    })

    test.for<readonly [string | undefined, string, string?]>([
      ['latin1', 'Łódź'],
      [undefined, 'é', 'SET NAMES latin1'],
    ])('prepared with charset %s, the key %s is tracked as stored, or warns: %s', async ([charset, name, before]) => {
      await inserted(charset, name, before, 'execute')
      await expectStoredOrWarned()
    })

    test('an ASCII key in latin1 and a BMP key in utf8 are tracked without a warning', async () => {
      await inserted('latin1', 'plain', undefined)
      await inserted('utf8', '日本', undefined)
      expect(captured.sink.keys()).toEqual({ tags: ['plain', '日本'] })
      expect(captured.sink.warnings).toEqual([])
    })

    test('keys inserted behind SET NAMES in the same text are not tracked and warn', async () => {
      const db = await mysql.createConnection({ uri: captured.url, multipleStatements: true })
      await captured.sink.run('test', () =>
        db.query(`SET NAMES latin1; INSERT INTO tags VALUES ('plain', 'test'), ('ü', 'test')`),
      )
      await db.end()
      expect(captured.sink.keys()).toEqual({})
      expect(captured.sink.warnings).toMatchObject([{ code: 'DUSTPAN_SQL_UNATTRIBUTED' }])
    })

    test('keys of deleted rows are read completely, whatever the connection’s charset', async () => {
      await once(captured.url, `INSERT INTO tags VALUES ('日本', 'other'), ('😀', 'other')`)
      const db = await mysql.createConnection({ uri: captured.url, charset: 'utf8' })
      await captured.sink.run('test', () => db.query(`DELETE FROM tags WHERE who = 'other'`))
      await db.end()
      const full = await mysql.createConnection(captured.url)
      await captured.sink.run('test', () => full.query(`INSERT INTO tags VALUES ('😀', 'other'), ('new', 'test')`))
      await full.end()
      expect(captured.sink.keys()).toEqual({ tags: ['new'] })
    })

    test('a key in RETURNING that character_set_results cannot represent is not tracked and warns', async ({
      skip,
    }) => {
      skip(kind === 'mysql', 'MariaDB alone has it')
      const db = await mysql.createConnection({ uri: captured.url })
      await captured.sink.run('test', async () => {
        await db.query('SET character_set_results = latin1')
        await db.query(`INSERT INTO tags SELECT '日本', 'test' RETURNING name`)
      })
      await db.end()
      expect(captured.sink.keys()).toEqual({})
      expect(captured.sink.warnings).toMatchObject([{ code: 'DUSTPAN_SQL_UNATTRIBUTED' }])
    })
  })
