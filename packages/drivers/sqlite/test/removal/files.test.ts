import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { removalContext } from '@dustpan/conformance/drivers/driver'
import type { RemovalContext } from '@dustpan/core/driver'
import { describe, expect, onTestFinished, test } from 'vitest'
import { fileStore } from '../../src/identity.ts'
import { clients, opened, rows } from '../clients.ts'
import { connected, driverOf, row } from './harness.ts'

describe.each(clients)('$name', (client) => {
  const files = { items: { column: 'file_path', folder: './uploads' } }

  function project(inserts: string) {
    const root = realpathSync(mkdtempSync(join(tmpdir(), 'dustpan-files-')))
    onTestFinished(() => rmSync(root, { recursive: true, force: true, maxRetries: 10 }))
    const database = opened(client, join(root, 'shop.db'))
    database.exec(`CREATE TABLE items (id INTEGER PRIMARY KEY, file_path TEXT);
      CREATE TABLE parts (id INTEGER PRIMARY KEY, item INTEGER REFERENCES items); ${inserts.replaceAll('<root>', root)}`)
    const write = (path: string) => {
      mkdirSync(dirname(join(root, path)), { recursive: true })
      writeFileSync(join(root, path), 'x')
      return join(root, path)
    }
    return { root, database, write }
  }

  async function removeItems(
    root: string,
    keys: readonly number[],
    more: Partial<RemovalContext> = {},
    options: object = {},
  ) {
    const warnings: string[] = []
    const driver = driverOf({ file: 'shop.db', client: client.name, files, ...options }, root)
    await using connection = await connected(driver, fileStore(join(root, 'shop.db')) ?? '')
    const warn = (code: string, message: string) => void warnings.push(`${code}: ${message.replaceAll(root, '')}`)
    const outcomes = await connection.remove(
      keys.map((key) => row('items', key)),
      removalContext({ warn, ...more }),
    )
    return { results: [...outcomes.values()].map((one) => ('result' in one ? one.result : one.state)), warnings }
  }

  test('rows are removed with their files, and only files that existed are counted', async () => {
    const { root, write } = project(
      `INSERT INTO items VALUES (1, 'a.png'), (2, 'missing.png'), (3, NULL), (4, 'uploads/b.png'), (5, '<root>/uploads/deep/c.png')`,
    )
    const all = ['uploads/a.png', 'uploads/b.png', 'uploads/deep/c.png'].map(write)
    const file = '1 row, 1 file'
    expect(await removeItems(root, [1, 2, 3, 4, 5])).toEqual({
      results: [file, '1 row', '1 row', file, file],
      warnings: [],
    })
    expect(all.some((path) => existsSync(path))).toBe(false)
  })

  test('a file outside the folder is kept with DUSTPAN_FILE_LEFT, and its row is removed', async () => {
    const { root, write, database } = project(`INSERT INTO items VALUES (1, '../secret.txt'), (2, '<root>/secret.txt')`)
    const secret = write('secret.txt')
    write('uploads/a.png')
    const { results, warnings } = await removeItems(root, [1, 2])
    expect(results).toEqual(['1 row', '1 row'])
    expect(warnings).toEqual([
      'DUSTPAN_FILE_LEFT: "../secret.txt" is left, though its row is gone: it is outside of /uploads',
      'DUSTPAN_FILE_LEFT: "/secret.txt" is left, though its row is gone: it is outside of /uploads',
    ])
    expect(existsSync(secret)).toBe(true)
    expect(rows(database, 'SELECT * FROM items')).toEqual([])
  })

  test('a file referenced by another row is kept, however that row spells the path', async () => {
    const { root, write } = project(
      `INSERT INTO items VALUES (1, 'Shared.png'), (2, 'own.png'), (3, 'x/../Shared.png'), (4, 'uploads\\own.png')`,
    )
    const shared = write('uploads/Shared.png')
    write('uploads/own.png')
    expect((await removeItems(root, [1, 2])).results).toEqual(['1 row', '1 row, 1 file'])
    expect(existsSync(shared)).toBe(true)
  })

  test('a refused row keeps its file; with atomic removal, all other rows keep theirs too', async () => {
    const { root, write } = project(
      `INSERT INTO items VALUES (1, 'a.png'), (2, 'b.png'); INSERT INTO parts VALUES (1, 1)`,
    )
    const [a, b] = [write('uploads/a.png'), write('uploads/b.png')]
    expect((await removeItems(root, [1, 2], { atomic: true })).results).toEqual(['refused', 'failed'])
    expect([existsSync(a), existsSync(b)]).toEqual([true, true])
    expect((await removeItems(root, [1, 2])).results).toEqual(['refused', '1 row, 1 file'])
    expect([existsSync(a), existsSync(b)]).toEqual([true, false])
  })

  test('a file older than the run is kept with DUSTPAN_FILE_LEFT, and a soft-deleted row keeps its file', async () => {
    const { root, write } = project(
      `INSERT INTO items VALUES (1, 'a.png'), (2, 'b.png'); ALTER TABLE items ADD deleted_at`,
    )
    const all = [write('uploads/a.png'), write('uploads/b.png')]
    const { warnings } = await removeItems(root, [1], { run: '29991231-000000-abcdef' })
    expect(warnings).toEqual([
      'DUSTPAN_FILE_LEFT: "a.png" is left, though its row is gone: it was there before this run began',
    ])
    expect((await removeItems(root, [2], {}, { softDelete: { items: { deleted_at: 'now' } } })).results).toEqual([
      'marked',
    ])
    expect(all.every((path) => existsSync(path))).toBe(true)
  })

  test('a configured file column that the table does not have is a warning, and the row is removed', async () => {
    const { root } = project('INSERT INTO items VALUES (1, NULL)')
    const { results, warnings } = await removeItems(
      root,
      [1],
      {},
      { files: { items: { column: 'image', folder: 'uploads' } } },
    )
    expect(results).toEqual(['1 row'])
    expect(warnings).toEqual([
      'DUSTPAN_FILE_LEFT: Files of items are left: the option files names its column image, which it does not have',
    ])
  })

  test.each([['.'], ['/'], ['']])('the option files is rejected with the folder %j', (folder) => {
    expect(() => driverOf({ files: { items: { column: 'f', folder } } })).toThrow(
      expect.objectContaining({ code: 'DUSTPAN_CONFIG_INVALID', message: expect.stringContaining('options.files') }),
    )
  })
})
