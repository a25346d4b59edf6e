import { removalContext } from '@dustpan/conformance/drivers/driver'
import { describe, expect, test } from 'vitest'
import { clients, opened, rows, temporaryFile } from '../clients.ts'
import { row, target, toFile } from './harness.ts'

describe.each(clients)('atomic removal ($name)', (client) => {
  function store(more = '') {
    const file = temporaryFile()
    const database = opened(client, file)
    database.exec(`CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT); CREATE TABLE orders (id INTEGER PRIMARY KEY, user_id REFERENCES users);
      INSERT INTO users VALUES (1, 'a'), (2, 'b'); INSERT INTO orders VALUES (10, 1); ${more}`)
    return { file, database, connect: () => toFile(file, { client: client.name }) }
  }
  const atomic = removalContext({ atomic: true })

  test('removes no row when an untracked row references one of them, and each outcome says why', async () => {
    const { connect, database } = store('INSERT INTO orders VALUES (11, 2)')
    await using connection = await connect()
    const outcomes = await connection.remove([row('users', 1), row('orders', 10), row('users', 2)], atomic)
    expect(
      [...outcomes].map(([id, outcome]) => [id, outcome.state, 'error' in outcome && outcome.error?.code]),
    ).toEqual([
      ['users 2', 'refused', 'DUSTPAN_HAS_DEPENDENTS'],
      ['users 1', 'failed', 'DUSTPAN_ROLLED_BACK'],
      ['orders 10', 'failed', 'DUSTPAN_ROLLED_BACK'],
    ])
    expect(rows(database, 'SELECT id FROM users UNION SELECT id FROM orders')).toHaveLength(4)
  })

  test('rolls back the first statement when the second one fails', async () => {
    const { connect, database } = store()
    const sql = (id: string, text: string) => ({
      ...target(id, 'user', 1, {}),
      removal: { driver: 'main', op: 'sql', v: 1, args: { sql: text, params: ['{id}'] } },
    })
    await using connection = await connect()
    const outcomes = await connection.remove(
      [sql('a', "UPDATE users SET name = 'gone' WHERE id = ?"), sql('b', 'DELETE FROM nowhere WHERE id = ?')],
      atomic,
    )
    expect(outcomes.get('a')).toMatchObject({ state: 'failed', error: { code: 'DUSTPAN_ROLLED_BACK' } })
    expect(rows(database, 'SELECT name FROM users WHERE id = 1')).toEqual([{ name: 'a' }])
  })

  test('removes no row when a trigger rolls back the whole transaction', async () => {
    const { connect, database } = store(
      `CREATE TRIGGER away BEFORE DELETE ON users WHEN OLD.id = 1 BEGIN SELECT RAISE(ROLLBACK, 'sealed'); END`,
    )
    await using connection = await connect()
    const outcomes = await connection.remove([row('orders', 10), row('users', 1), row('users', 2)], atomic)
    expect([...outcomes.values()].map(({ state }) => state)).toEqual(['failed', 'failed', 'failed'])
    expect(rows(database, 'SELECT id FROM users UNION SELECT id FROM orders')).toHaveLength(3)
  })

  test('removes all existing rows when one is already gone', async () => {
    const { connect, database } = store()
    await using connection = await connect()
    const outcomes = await connection.remove([row('users', 1), row('orders', 10), row('users', 9)], atomic)
    expect([...outcomes.values()].map(({ state }) => state).toSorted()).toEqual(['already-gone', 'removed', 'removed'])
    expect(rows(database, 'SELECT id FROM users')).toEqual([{ id: 2 }])
  })
})
