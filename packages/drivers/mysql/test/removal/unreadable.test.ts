/** An unreadable table does not affect the rows of others, and a hidden one is not reported as gone. */
import { type Server, testName } from '@dustpan/conformance/servers'
import { describeOn } from '@dustpan/conformance/servers/describe-on'
import { isDustpanError, type RestoreOutcome, type StoreConnection, type Target } from '@dustpan/core/driver'
import { beforeEach, expect, test } from 'vitest'
import { keysIn, once } from '../server.ts'
import { connect, ctx, remove, targets } from './harness.ts'

const clerk = testName()

const tables = `CREATE TABLE users (id int PRIMARY KEY, name text); CREATE TABLE secrets (id int PRIMARY KEY); CREATE TABLE hidden (id int PRIMARY KEY);
  INSERT INTO users VALUES (1, 'u'); INSERT INTO secrets VALUES (1); INSERT INTO hidden VALUES (1);`

async function probe(connection: StoreConnection, rows: readonly Target[]) {
  const found = await connection.probe?.(rows, ctx)
  return rows.map(({ id }) => found?.get(id)).map((one) => (isDustpanError(one) ? one.message : one))
}

const resultOf = (outcome: RestoreOutcome | undefined) =>
  outcome?.state === 'restored' ? outcome.result : outcome?.error.message

for (const kind of ['mariadb', 'mysql'] as const)
  describeOn(kind, 'Tables that cannot be read', (server: Server) => {
    let url: string
    let rows: readonly Target[]

    beforeEach(async () => {
      url = await server.database(tables)
      const name = new URL(url).pathname.slice(1)
      await once(
        url,
        `CREATE USER IF NOT EXISTS ${clerk} IDENTIFIED BY 'x'; GRANT ALL ON ${name}.users TO ${clerk}; GRANT INSERT, DELETE ON ${name}.secrets TO ${clerk}; GRANT PROCESS ON *.* TO ${clerk}`,
      )
      rows = [
        ...(await targets(url, 'users', [1, 2])),
        ...(await targets(url, 'secrets', [1])),
        ...(await targets(url, 'hidden', [1])),
      ]
    })

    const asClerk = () => connect(url.replace('root@', `${clerk}:x@`))

    test('probe() reports rows of readable tables although other tables cannot be read', async () => {
      await using connection = await asClerk()
      expect(await probe(connection, rows)).toEqual([
        'present',
        'absent',
        expect.stringMatching(/secrets could not be read: SELECT command denied/),
        expect.stringMatching(/hidden could not be read: SELECT command denied/),
      ])
      expect(await probe(connection, await targets(url, 'users', [1]))).toEqual(['present'])
    })

    test('rows of a hidden table are not reported as gone', async () => {
      await using connection = await asClerk()
      expect(await remove(connection, rows.slice(1))).toEqual([
        '0 rows',
        'DUSTPAN_REMOVAL_FAILED',
        'DUSTPAN_REMOVAL_FAILED',
      ])
      expect(await keysIn(url, 'hidden')).toEqual([1])
    })

    test('readable rows are backed up, and the others are DUSTPAN_BACKUP_FAILED', async () => {
      await using connection = await asClerk()
      const backups = await connection.backup?.(rows, ctx)
      const results = rows
        .map(({ id }) => backups?.get(id))
        .map((one) => (isDustpanError(one) ? `${one.code} ${one.message}` : one))
      expect(results).toEqual([
        { fields: { id: '1', name: 'u' } },
        undefined,
        expect.stringMatching(/^DUSTPAN_BACKUP_FAILED .*secrets could not be read: SELECT command denied/),
        expect.stringMatching(/^DUSTPAN_BACKUP_FAILED .*hidden could not be read: SELECT command denied/),
      ])
    })

    test('rows are restored although the table of another row cannot be read', async () => {
      await once(url, 'DELETE FROM users')
      await using connection = await asClerk()
      const backups = rows.map((target) => ({
        target,
        backup: { fields: target.type === 'users' ? { id: `${target.key}`, name: 'u' } : { id: '3' } },
      }))
      const outcomes = await connection.putBack?.(backups, ctx)
      expect(rows.map(({ id }) => resultOf(outcomes?.get(id)))).toEqual([
        '1 row',
        '1 row',
        expect.stringMatching(/^secrets 1 could not be restored: .*SELECT command denied/),
        expect.stringMatching(/^hidden 1 could not be restored: .*SELECT command denied/),
      ])
      expect(await keysIn(url, 'users')).toEqual([1, 2])
    })

    test('a read-back that one table refuses leaves the rows of the others reported as removed', async () => {
      await using connection = await asClerk()
      const outcomes = await remove(connection, rows, { ...ctx, verify: 'read-back' })
      expect(outcomes).toEqual(['1 row', '0 rows', 'DUSTPAN_REMOVAL_FAILED', 'DUSTPAN_REMOVAL_FAILED'])
    })
  })
