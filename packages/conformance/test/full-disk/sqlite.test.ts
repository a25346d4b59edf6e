/** A database on a full disk. */

import { mkdtempSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { beginIn, projectFolder } from '../../src/run/index.ts'
import { mountSmallDisk } from '../../src/small-disk.ts'

const require = createRequire(new URL('../../../drivers/sqlite/package.json', import.meta.url))

interface Database {
  exec(sql: string): unknown
  prepare(sql: string): { run(...values: unknown[]): unknown; all(): readonly { readonly id: number }[] }
  close(): void
}

const nodeSqlite = require('node:sqlite') as { DatabaseSync: new (file: string) => Database }
const betterSqlite3 = require('better-sqlite3') as new (file: string) => Database

const libraries = [
  { name: 'node:sqlite', exports: nodeSqlite, open: (file: string) => new nodeSqlite.DatabaseSync(file) },
  { name: 'better-sqlite3', exports: betterSqlite3, open: (file: string) => new betterSqlite3(file) },
]

test.for(libraries)(
  '$name: an insert that fails on a full disk is not recorded, and rows are removed once there is room',
  async ({ exports, open }, { skip }) => {
    const folder = mkdtempSync(join(tmpdir(), 'dustpan-disk-'))
    const disk = mountSmallDisk(folder, 512)
    if ('missing' in disk) return skip(disk.missing)
    onTestFinished(() => disk[Symbol.dispose]())
    const file = join(folder, 'shop.db')
    const drivers = [{ use: '@dustpan/sqlite', name: 'main', options: { file } }]
    const project = projectFolder('@dustpan/sqlite', { drivers, cleanup: { retry: { attempts: 1 } } })
    await using run = await beginIn(project, [exports])
    const database = open(file)
    onTestFinished(() => database.close())
    database.exec('CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT)')
    const ids = () =>
      database
        .prepare('SELECT id FROM notes')
        .all()
        .map(({ id }) => id)

    await run.test(async () => {
      const insert = database.prepare('INSERT INTO notes (body) VALUES (?)')
      for (let i = 0; i < 3; i++) insert.run('small')
      disk.fill()
      expect(() => insert.run('x'.repeat(20_000))).toThrow(/database or disk is full/)
    })
    expect(ids()).toEqual([1, 2, 3])
    expect(run.resources().map(({ key, state, error }) => [key, state, error?.code])).toEqual(
      [1, 2, 3].map((id) => [id, 'failed', 'DUSTPAN_REMOVAL_FAILED']),
    )
    expect(run.resources()[0]?.error?.message).toMatch(/database or disk is full/)

    disk.free()
    await run.end()
    expect(ids()).toEqual([])
    expect(run.states()).toEqual({ removed: 3 })
  },
)
