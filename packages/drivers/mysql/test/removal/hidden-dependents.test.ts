import { describeOn } from '@dustpan/conformance/servers/describe-on'
import { beforeEach, expect, test } from 'vitest'
import { keysIn, once } from '../server.ts'
import { connect, ctx, remove, targets } from './harness.ts'

const proof = { proof: { strength: 'key-only' } } as const

for (const kind of ['mariadb', 'mysql'] as const)
  describeOn(kind, 'Foreign keys of tables hidden from the user', (server) => {
    let url: string
    let far: string
    beforeEach(async () => {
      url = await server.database(`
        CREATE TABLE users (id int PRIMARY KEY, email varchar(50) UNIQUE, is_active boolean DEFAULT TRUE);
        INSERT INTO users (id, email) VALUES (1, 'a'), (2, 'b')`)
      far = await server.database(`
        CREATE TABLE far (id int PRIMARY KEY, user int, email varchar(50),
          FOREIGN KEY (user) REFERENCES ${nameOf(url)}.users (id) ON DELETE CASCADE,
          FOREIGN KEY (email) REFERENCES ${nameOf(url)}.users (email) ON UPDATE CASCADE);
        INSERT INTO far VALUES (1, 1, 'a')`)
      return () => once(far, 'DROP TABLE far')
    })
    const nameOf = (url: string) => new URL(url).pathname.slice(1)

    /** Creates a user with all rights on the database plus the given grants. */
    async function userWith(grants: string): Promise<string> {
      const user = `u_${nameOf(url)}`.slice(0, 30)
      await once(
        url,
        `DROP USER IF EXISTS ${user}; CREATE USER ${user} IDENTIFIED BY 'x'; GRANT ALL ON ${nameOf(url)}.* TO ${user}; ${grants.replaceAll('USER', user)}`,
      )
      return Object.assign(new URL(url), { username: user, password: 'x' }).href
    }

    test('DUSTPAN_HAS_DEPENDENTS: rows that could cascade into a hidden table are not removed', async () => {
      await using connection = await connect(await userWith(''))
      const wanted = await targets(url, 'users', [1, 2], proof)
      const outcome = (await connection.remove(wanted, ctx)).get(wanted[0]?.id ?? '')
      expect(outcome).toMatchObject({
        state: 'refused',
        error: { code: 'DUSTPAN_HAS_DEPENDENTS', hint: expect.stringContaining('GRANT PROCESS') },
      })
      expect([await keysIn(url, 'users'), await keysIn(far, 'far')]).toEqual([[1, 2], [1]])
    })

    test('a soft delete sets a column that nothing can refer to, and is refused for another', async () => {
      const as = await userWith('')
      await using flagging = await connect(as, { softDelete: { users: { is_active: false } } })
      expect(await remove(flagging, await targets(url, 'users', [1], proof))).toEqual(['marked'])
      await using renaming = await connect(as, { softDelete: { users: { EMAIL: 'deleted-{id}' } } })
      expect(await remove(renaming, await targets(url, 'users', [1], proof))).toEqual(['DUSTPAN_HAS_DEPENDENTS'])
      expect(await keysIn(far, 'far', 'email')).toEqual(['a'])
    })

    test.for(['GRANT SELECT ON *.* TO USER', 'GRANT SELECT, INSERT ON *.* TO USER'])(
      'a user who may read every table removes rows without dependents: %s',
      async (grant) => {
        await using connection = await connect(await userWith(grant))
        const outcomes = await remove(connection, await targets(url, 'users', [1, 2], proof))
        expect(outcomes).toEqual(['DUSTPAN_HAS_DEPENDENTS', '1 row'])
        expect(await keysIn(far, 'far')).toEqual([1])
      },
    )

    test('a soft delete that would cascade into other rows is not applied, whatever the column’s case', async () => {
      await using connection = await connect(url, { softDelete: { users: { EMAIL: 'deleted-{id}' } } })
      const outcomes = await remove(connection, await targets(url, 'users', [1, 2], proof))
      expect(outcomes).toEqual(['DUSTPAN_STILL_THERE', 'marked'])
      expect(await keysIn(far, 'far', 'email')).toEqual(['a'])
    })

    test('a reset does not empty a table that a hidden one may refer to', async () => {
      await once(url, 'CREATE TABLE alone (id int PRIMARY KEY); INSERT INTO alone VALUES (1)')
      await using connection = await connect(await userWith(''))
      const selection = { predicate: { reset: true }, spared: { types: [], ids: [] } }
      const agreed = new Map([
        ['users', 2],
        ['alone', 1],
      ])
      await connection.removeWhere?.(selection as never, agreed, ctx)
      expect([await keysIn(url, 'users'), await keysIn(far, 'far')]).toEqual([[1, 2], [1]])
    })
  })
