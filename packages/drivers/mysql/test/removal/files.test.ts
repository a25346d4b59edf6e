import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { driverContext } from '@dustpan/conformance/drivers/driver'
import { describeOn } from '@dustpan/conformance/servers/describe-on'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createDriver } from '../../src/driver.ts'
import { endpointId, endpointOf } from '../../src/identity.ts'
import { once } from '../server.ts'
import { ctx, targets } from './harness.ts'

describeOn('mariadb', 'Files of rows', (server) => {
  let folder: string
  beforeEach(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'dustpan-files-')))
  })
  afterEach(() => rm(folder, { recursive: true, force: true, maxRetries: 10 }))

  async function write(path: string): Promise<string> {
    const full = join(folder, 'uploads', path)
    await mkdir(dirname(full), { recursive: true })
    await writeFile(full, 'x')
    return full
  }

  async function removeItems(url: string, keys: readonly number[], column = 'file_path') {
    const files = { items: { column, folder: './uploads' } }
    const driver = createDriver('main', { url, files }, driverContext(folder))
    await using connection = await driver.connect({ driver: 'main', id: endpointId(endpointOf(url)) }, ctx)
    const warnings: string[] = []
    const wanted = await targets(url, 'items', keys)
    const outcomes = await connection.remove(wanted, { ...ctx, warn: (code) => void warnings.push(code) })
    return [
      ...wanted.map(({ id }) => (outcomes.get(id) as { result?: string }).result ?? outcomes.get(id)?.state),
      ...warnings,
    ]
  }

  const schema = `CREATE TABLE items (id int AUTO_INCREMENT PRIMARY KEY, file_path text, parent int, FOREIGN KEY (parent) REFERENCES items (id));
    CREATE TABLE parts (id int PRIMARY KEY, item int, FOREIGN KEY (item) REFERENCES items (id) ON DELETE CASCADE);`

  test('a row is removed with its file, if it exists, and a file that another row names is kept', async () => {
    const url = await server.database(
      `${schema} INSERT INTO items (file_path) VALUES ('a.png'), ('missing.png'), (NULL), ('b.png'), ('b.png')`,
    )
    const [a, b] = [await write('a.png'), await write('b.png')]
    expect(await removeItems(url, [1, 2, 3, 4])).toEqual(['1 row, 1 file', '1 row', '1 row', '1 row'])
    expect([existsSync(a), existsSync(b)]).toEqual([false, true])
    expect(await removeItems(url, [5])).toEqual(['1 row, 1 file'])
  })

  test('a row that is not removed keeps its file, also in a table that refers to itself', async () => {
    const url = await server.database(
      `${schema} INSERT INTO items VALUES (1, 'a.png', NULL), (2, 'b.png', 1), (3, 'c.png', 2); INSERT INTO parts VALUES (1, 1)`,
    )
    const [a, b] = [await write('a.png'), await write('b.png')]
    expect(await removeItems(url, [1, 2, 3])).toEqual(['refused', '1 row, 1 file', '1 row'])
    expect([existsSync(a), existsSync(b)]).toEqual([true, false])
  })

  test('DUSTPAN_FILE_LEFT: the column does not exist, or the path leaves the folder', async () => {
    const url = await server.database(`${schema} INSERT INTO items (file_path) VALUES ('../../etc/passwd'), ('a')`)
    await write('a')
    expect(await removeItems(url, [1])).toEqual(['1 row', 'DUSTPAN_FILE_LEFT'])
    expect(await removeItems(url, [2], 'path')).toEqual(['1 row', 'DUSTPAN_FILE_LEFT'])
    expect(await once(url, 'SELECT id FROM items')).toEqual([])
  })
})
