import { describeOn } from '@dustpan/conformance/servers/describe-on'
import type { BackedUp, Json, RestoreOutcome, StoreConnection, Target } from '@dustpan/core/driver'
import { expect, test } from 'vitest'
import { connect, ctx, remove, targets } from '../removal/harness.ts'
import { keysIn, once } from '../server.ts'

const shop = `CREATE TABLE teams (id int PRIMARY KEY, name varchar(9));
  CREATE TABLE users (id int PRIMARY KEY, team int, boss int,
    FOREIGN KEY (team) REFERENCES teams (id), FOREIGN KEY (boss) REFERENCES users (id));
  INSERT INTO teams VALUES (1, 'a'), (2, 'b');
  INSERT INTO users VALUES (1, 1, NULL), (2, 2, NULL), (3, 2, 1)`

async function backUp(connection: StoreConnection, wanted: readonly Target[]): Promise<readonly BackedUp[]> {
  const found = await connection.backup?.(wanted, ctx)
  return wanted.flatMap((target) => {
    const backup = found?.get(target.id)
    return backup === undefined ? [] : [{ target, backup: backup as Json }]
  })
}

const resultOf = (outcome: RestoreOutcome | undefined) =>
  outcome?.state === 'restored' ? outcome.result : outcome?.error.message

for (const kind of ['mariadb', 'mysql'] as const)
  describeOn(kind, 'Restored rows', (server) => {
    test('a row whose key was taken since is not restored, nor are rows that refer to it; the others are restored', async () => {
      const url = await server.database(shop)
      await using connection = await connect(url)
      const rows = [...(await targets(url, 'teams', [1, 2])), ...(await targets(url, 'users', [1, 2, 3]))]
      const backups = await backUp(connection, rows)
      expect(await remove(connection, rows)).toEqual(Array(5).fill('1 row'))
      await once(url, `INSERT INTO teams VALUES (1, 'theirs')`)
      const outcomes = await connection.putBack?.(backups, ctx)
      expect(backups.map(({ target }) => resultOf(outcomes?.get(target.id)))).toEqual([
        'teams 1 could not be restored: another row has its key',
        '1 row',
        'users 1 could not be restored: its parent was not restored',
        '1 row',
        'users 3 could not be restored: its parent was not restored',
      ])
      expect(await keysIn(url, 'users')).toEqual([2])
    })
  })
