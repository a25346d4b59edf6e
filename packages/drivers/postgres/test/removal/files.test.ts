import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { driverContext } from '@dustpan/conformance/drivers/driver'
import { once } from '@dustpan/conformance/servers'
import { testServer } from '@dustpan/conformance/servers/test-server'
import type { RemovalContext, RemovalOutcome, Target } from '@dustpan/core/driver'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createDriver } from '../../src/driver.ts'
import { ctx, storeOf, targets } from './fixture.ts'

const server = await testServer()
let folder: string
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'dustpan-files-')))
})
afterEach(() => rm(folder, { recursive: true, force: true, maxRetries: 10 }))

const schema = `CREATE TABLE items (id serial PRIMARY KEY, file_path text, parent int REFERENCES items);
  CREATE TABLE parts (id serial PRIMARY KEY, item int REFERENCES items ON DELETE CASCADE);`
const files = { items: { column: 'file_path', folder: './uploads' } }

async function write(path: string, text = 'x'): Promise<string> {
  const full = join(folder, path)
  await mkdir(dirname(full), { recursive: true })
  await writeFile(full, text)
  return full
}

async function removeItems(
  url: string,
  keys: readonly number[],
  { options = {}, context = {} }: { options?: object; context?: Partial<RemovalContext> } = {},
) {
  const driver = createDriver('main', { url, files, ...options }, driverContext(folder))
  const store = { driver: 'main', id: await storeOf(url) }
  await using connection = await driver.connect(store, { signal: ctx.signal, deadline: ctx.deadline })
  const warnings: string[] = []
  const wanted: readonly Target[] = await targets(url, 'items', keys)
  const warn = (code: string, message: string) => void warnings.push(`${code}: ${message.replaceAll(folder, '')}`)
  const outcomes = await connection.remove(wanted, { ...ctx, warn, ...context })
  return { results: wanted.map(({ id }) => resultOf(outcomes.get(id))), warnings }
}

function resultOf(outcome: RemovalOutcome | undefined): string | undefined {
  return outcome && 'result' in outcome ? outcome.result : outcome?.state
}

test('the file of a row is removed with it, and counted only if it existed', async () => {
  const url = await server.database(
    `${schema} INSERT INTO items (file_path) VALUES ('a.png'), ('missing.png'), (NULL), ('')`,
  )
  const file = await write('uploads/a.png')
  expect(await removeItems(url, [1, 2, 3, 4])).toEqual({
    results: ['1 row, 1 file', '1 row', '1 row', '1 row'],
    warnings: [],
  })
  expect(existsSync(file)).toBe(false)
})

test('a file path may be relative to the folder, relative to the project, or absolute', async () => {
  const full = await write('uploads/deep/c.png')
  await write('uploads/a.png')
  await write('uploads/b.png')
  const url = await server.database(schema)
  await once(url, `INSERT INTO items (file_path) VALUES ('a.png'), ('uploads/b.png'), ('${full}')`)
  expect((await removeItems(url, [1, 2, 3])).results).toEqual(Array(3).fill('1 row, 1 file'))
})

test.each([
  ['a path with ..', '../secret.txt'],
  ['an absolute path', '<folder>/secret.txt'],
  ['a path through a linked folder', 'out/secret.txt'],
  ['the folder itself', '.'],
])('a path outside the folder is not removed, with DUSTPAN_FILE_LEFT, and its row is: %s', async (_, path) => {
  const secret = await write('secret.txt')
  await write('uploads/a.png')
  await symlink(folder, join(folder, 'uploads/out'))
  const url = await server.database(schema)
  await once(url, `INSERT INTO items (file_path) VALUES ('${path.replace('<folder>', folder)}')`)
  const { results, warnings } = await removeItems(url, [1])
  expect(results).toEqual(['1 row'])
  expect(warnings).toEqual([expect.stringMatching(/^DUSTPAN_FILE_LEFT: .* is left, though its row is gone: .*out/)])
  expect(existsSync(secret)).toBe(true)
  expect(await countOf(url)).toBe('0')
})

test('a link is not followed, and neither a link nor a folder is removed', async () => {
  const secret = await write('secret.txt')
  await write('uploads/folder/x')
  await symlink(secret, join(folder, 'uploads/link'))
  const url = await server.database(`${schema} INSERT INTO items (file_path) VALUES ('link'), ('folder')`)
  const { warnings } = await removeItems(url, [1, 2])
  expect(warnings.toSorted()).toEqual([
    'DUSTPAN_FILE_LEFT: "folder" is left, though its row is gone: it is a folder',
    'DUSTPAN_FILE_LEFT: "link" is left, though its row is gone: it is a link, or no ordinary file',
  ])
  expect(existsSync(secret)).toBe(true)
})

test('a file that another row names is not removed, however that row writes the path', async () => {
  const [file, gone] = [await write('uploads/Shared.png'), await write('uploads/own.png')]
  const url = await server.database(schema)
  await once(
    url,
    `INSERT INTO items (file_path) VALUES ('Shared.png'), ('own.png'), ('./uploads/../uploads/Shared.png')`,
  )
  expect((await removeItems(url, [1, 2])).results).toEqual(['1 row', '1 row, 1 file'])
  expect([existsSync(file), existsSync(gone)]).toEqual([true, false])
})

test('a file that a row of another configured table names is not removed', async () => {
  const file = await write('uploads/a.png')
  const url = await server.database(`${schema} CREATE TABLE avatars (file text); INSERT INTO avatars VALUES ('a.png');
    INSERT INTO items (file_path) VALUES ('a.png')`)
  const options = { files: { ...files, avatars: { column: 'file', folder: 'uploads' }, nowhere: files.items } }
  expect((await removeItems(url, [1], { options })).results).toEqual(['1 row'])
  expect(existsSync(file)).toBe(true)
})

test('a file that is older than the run is not removed, with a warning', async () => {
  const file = await write('uploads/a.png')
  const url = await server.database(`${schema} INSERT INTO items (file_path) VALUES ('a.png')`)
  const { results, warnings } = await removeItems(url, [1], { context: { run: '29991231-000000-abcdef' } })
  expect(results).toEqual(['1 row'])
  expect(warnings).toEqual([
    'DUSTPAN_FILE_LEFT: "a.png" is left, though its row is gone: it was there before this run began',
  ])
  expect(existsSync(file)).toBe(true)
  expect(
    (await removeItems(await reinserted(url), [1], { context: { run: '20200101-000000-abcdef' } })).results,
  ).toEqual(['1 row, 1 file'])
})

async function reinserted(url: string): Promise<string> {
  await once(url, `INSERT INTO items (id, file_path) VALUES (1, 'a.png')`)
  return url
}

test('a row that cannot be removed keeps its file', async () => {
  const file = await write('uploads/a.png')
  const url = await server.database(
    `${schema} INSERT INTO items (file_path) VALUES ('a.png'), ('b.png'); INSERT INTO parts (item) VALUES (1)`,
  )
  expect((await removeItems(url, [1, 2])).results).toEqual(['refused', '1 row'])
  expect(existsSync(file)).toBe(true)
})

test('the files of rows that refer to each other are all removed', async () => {
  const all = [await write('uploads/a.png'), await write('uploads/b.png')]
  const url = await server.database(
    `${schema} INSERT INTO items (file_path, parent) VALUES ('a.png', NULL), ('b.png', 1)`,
  )
  expect((await removeItems(url, [1, 2])).results).toEqual(['1 row, 1 file', '1 row, 1 file'])
  expect(all.map((file) => existsSync(file))).toEqual([false, false])
})

test('no file is removed if an atomic removal is rolled back', async () => {
  const file = await write('uploads/a.png')
  const url = await server.database(
    `${schema} INSERT INTO items (file_path) VALUES ('a.png'), ('b.png'); INSERT INTO parts (item) VALUES (2)`,
  )
  expect((await removeItems(url, [1, 2], { context: { atomic: true } })).results).toEqual(['failed', 'refused'])
  expect(existsSync(file)).toBe(true)
})

test('a row that is marked as deleted keeps its file', async () => {
  const file = await write('uploads/a.png')
  const url = await server.database(
    `${schema} ALTER TABLE items ADD deleted_at timestamptz; INSERT INTO items (file_path) VALUES ('a.png')`,
  )
  expect((await removeItems(url, [1], { options: { softDelete: { items: { deleted_at: 'now' } } } })).results).toEqual([
    'marked',
  ])
  expect(existsSync(file)).toBe(true)
})

test('a file column that the table does not have warns with DUSTPAN_FILE_LEFT, and the row is removed', async () => {
  const url = await server.database(`${schema} INSERT INTO items DEFAULT VALUES`)
  const options = { files: { items: { column: 'image', folder: 'uploads' } } }
  const { results, warnings } = await removeItems(url, [1], { options })
  expect(results).toEqual(['1 row'])
  expect(warnings).toEqual([
    'DUSTPAN_FILE_LEFT: Files of items are left: the option files names its column image, which it does not have',
  ])
})

test.each([
  ['the project', '.'],
  ['the root of the file system', '/'],
])('a folder of files that is %s is refused with DUSTPAN_CONFIG_INVALID', (_, place) => {
  expect(() =>
    createDriver('main', { files: { items: { column: 'f', folder: place } } }, driverContext(folder)),
  ).toThrow(
    expect.objectContaining({ code: 'DUSTPAN_CONFIG_INVALID', message: expect.stringContaining('files.items.folder') }),
  )
})

async function countOf(url: string): Promise<string> {
  return (await once(url, 'SELECT count(*) FROM items')).rows[0].count
}
