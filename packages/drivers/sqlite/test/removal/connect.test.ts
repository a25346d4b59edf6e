import { renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { removalContext } from '@dustpan/conformance/drivers/driver'
import { describe, expect, test } from 'vitest'
import { fileStore } from '../../src/identity.ts'
import { clients, opened, temporaryFile } from '../clients.ts'
import { connected, driverOf, removed, row } from './harness.ts'

const [client] = clients
if (client === undefined) throw new Error('no client')

function database(file = temporaryFile()): { file: string; id: string } {
  opened(client as NonNullable<typeof client>, file).exec(
    'CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1)',
  )
  return { file, id: fileStore(file) ?? '' }
}

describe('connect', () => {
  test('refuses a replaced file with DUSTPAN_WRONG_STORE', async () => {
    const { file, id } = database()
    const other = database()
    renameSync(other.file, file)
    await expect(connected(driverOf({ file }), id)).rejects.toMatchObject({ code: 'DUSTPAN_WRONG_STORE' })
  })

  test('reports the rows of a deleted file as already gone, and creates no new file', async () => {
    const { file, id } = database()
    rmSync(file)
    await using connection = await connected(driverOf({ file }), id)
    expect(await removed(connection, [row('t', 1)])).toEqual({ 't 1': 'already-gone' })
    expect([...((await connection.probe?.([row('t', 1)], removalContext())) ?? [])]).toEqual([['t 1', 'absent']])
    expect(fileStore(file)).toBeUndefined()
  })

  test('leads to DUSTPAN_REMOVAL_FAILED for a file that is not a database', async () => {
    const file = temporaryFile()
    writeFileSync(file, 'this is not a database, however long it may be '.repeat(100))
    await using connection = await connected(driverOf({ file }), fileStore(file) ?? '')
    expect(await removed(connection, [row('t', 1)])).toEqual({ 't 1': 'failed DUSTPAN_REMOVAL_FAILED' })
  })

  test('leads to DUSTPAN_STORE_UNREACHABLE for a folder', async () => {
    const folder = temporaryFile('')
    await using connection = await connected(driverOf({ file: folder }), fileStore(folder) ?? '')
    await expect(removed(connection, [row('t', 1)])).rejects.toMatchObject({ code: 'DUSTPAN_STORE_UNREACHABLE' })
  })
})

describe('serves', () => {
  test('matches files by real path, in-memory databases always, and other kinds of stores never', () => {
    const { file, id } = database()
    const link = temporaryFile('link.db')
    symlinkSync(file, link)
    const other = database()
    const serves = (given: string | undefined, store: string) =>
      driverOf(given === undefined ? {} : { file: given }).serves?.({ id: store })
    expect([file, link, undefined, ':memory:', other.file].map((given) => serves(given, id))).toEqual([
      true,
      true,
      true,
      false,
      false,
    ])
    expect([file, undefined, ':memory:'].map((given) => serves(given, 'sqlite::memory:#3'))).toEqual([true, true, true])
    expect(serves(undefined, 'postgres:localhost')).toBe(false)
  })
})

describe('removal', () => {
  test('requires a table or sql, and column names as the key', () => {
    const { file } = database()
    const driver = driverOf({ file })
    expect(() => driver.removal?.({ tabel: 't' }, [1])).toThrow(
      expect.objectContaining({ code: 'DUSTPAN_INVALID_ARGUMENT' }),
    )
    expect(() => driver.removal?.({ table: 't', key: 5 }, [1])).toThrow(/key must be/)
    expect(driver.removal?.({ table: 't', key: ['a', 'b'] }, [1])).toMatchObject({
      removal: { driver: 'main', op: 'delete-row', v: 1, args: { table: 't', columns: ['a', 'b'] } },
      store: { id: fileStore(file) },
    })
  })

  test('throws when the file does not exist, or when no file is configured', () => {
    expect(() => driverOf({ file: '/nowhere/at/all.db' }).removal?.({ table: 't' }, [1])).toThrow(
      expect.objectContaining({ code: 'DUSTPAN_STORE_UNREACHABLE' }),
    )
    expect(() => driverOf({}).removal?.({ table: 't' }, [1])).toThrow(/has no file/)
  })
})

test('describe() returns the removal as one line of SQL', () => {
  const driver = driverOf({ softDelete: { users: { gone: 1, at: 'now', name: "o'{id}" } } })
  const big = row('big', ['9007199254740993', 'ff00'], ['n', 'raw'])
  const removals = [
    ...[row('t', 1), row('users', 'x'), row('c', [1, "b'"], ['a', 'b']), row('odd name', null, ['a "b'])],
    { ...big, removal: { ...big.removal, args: { ...(big.removal.args as object), types: ['integer', 'blob'] } } },
  ]
  expect(removals.map((one) => driver.describe(one.removal, one.key))).toEqual([
    'DELETE FROM t WHERE id = 1',
    "UPDATE users SET gone = 1, at = CURRENT_TIMESTAMP, name = 'o''{id}' WHERE id = 'x'",
    "DELETE FROM c WHERE (a, b) = (1, 'b''')",
    'DELETE FROM "odd name" WHERE "a ""b" = NULL',
    "DELETE FROM big WHERE (n, raw) = (9007199254740993, x'ff00')",
  ])
})
