import { once } from '@dustpan/conformance/servers'
import { testServer } from '@dustpan/conformance/servers/test-server'
import { expect, test } from 'vitest'
import { connect, ctx, keysIn, remove, storeOf, targets } from './fixture.ts'

const server = await testServer()
async function worker() {
  const url = await server.database('')
  const other = await server.database('CREATE TABLE users (id int PRIMARY KEY); INSERT INTO users VALUES (1)')
  const wanted = await targets(other, 'users', [1])
  const name = new URL(other).pathname.slice(1)
  return { url, name, wanted, store: await storeOf(other) }
}

test('rows of a dropped database are already gone', async () => {
  const { url, name, wanted, store } = await worker()
  await once(url, `DROP DATABASE ${name}`)
  await using connection = await connect(url, {}, store)
  expect(await connection.remove(wanted, ctx)).toEqual(
    new Map([[wanted[0]?.id, { state: 'already-gone', result: 'its database is no more', expected: true }]]),
  )
  expect([...((await connection.probe?.(wanted, ctx)) ?? [])]).toEqual([[wanted[0]?.id, 'absent']])
  expect(await connection.backup?.(wanted, ctx)).toEqual(new Map())
})

test('a renamed database is unreachable, and its rows are not reported as gone', async () => {
  const { url, name, store } = await worker()
  await once(url, `ALTER DATABASE ${name} RENAME TO ${name}_old`)
  await expect(connect(url, {}, store)).rejects.toMatchObject({ code: 'DUSTPAN_STORE_UNREACHABLE' })
  await once(url, `ALTER DATABASE ${name}_old RENAME TO ${name}`)
})

test('a dropped database is unreachable if another server answers at its address', async () => {
  const { url, name, store } = await worker()
  await once(url, `DROP DATABASE ${name}`)
  await expect(connect(url, {}, store.replace(/#\d+/, '#1'))).rejects.toMatchObject({
    code: 'DUSTPAN_STORE_UNREACHABLE',
  })
})

test('a database is unreachable, not dropped, if the configured url names it and the server refuses it', async () => {
  const { url, store } = await worker()
  const none = new URL(url)
  none.pathname = '/there_is_none'
  const recorded = store.replace(/\/[^/]+#/, '/there_is_none#')
  await expect(connect(none.href, {}, recorded)).rejects.toMatchObject({ code: 'DUSTPAN_STORE_UNREACHABLE' })
})

test('rows of a database that was dropped and created again are already gone', async () => {
  const { url, name, wanted, store } = await worker()
  const other = new URL(url)
  other.pathname = name
  await once(url, `DROP DATABASE ${name}`)
  await once(url, `CREATE DATABASE ${name}`)
  await once(other.href, 'CREATE TABLE users (id int PRIMARY KEY); INSERT INTO users VALUES (1)')
  for (const from of [url, other.href]) {
    await using connection = await connect(from, {}, store)
    expect(await remove(connection, wanted)).toEqual(['already-gone'])
  }
  expect(await keysIn(other.href, 'users')).toEqual([1])
})

test('a database whose name another one has taken over is refused with DUSTPAN_WRONG_STORE', async () => {
  const { url, name, store } = await worker()
  await once(url, `ALTER DATABASE ${name} RENAME TO ${name}_old`)
  await once(url, `CREATE DATABASE ${name}`)
  await expect(connect(url, {}, store)).rejects.toMatchObject({ code: 'DUSTPAN_WRONG_STORE' })
  await once(url, `DROP DATABASE ${name}`)
  await once(url, `ALTER DATABASE ${name}_old RENAME TO ${name}`)
})

test('a database of the same name on another server is refused with DUSTPAN_WRONG_STORE', async () => {
  const { url, store } = await worker()
  await expect(connect(url, {}, store.replace(/#\d+/, '#1'))).rejects.toMatchObject({ code: 'DUSTPAN_WRONG_STORE' })
})
