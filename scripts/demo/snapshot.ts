import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** All rows of all tables and all files, with their content: `users 7` → its columns, `uploads/a.png` → its hash. */
export type Snapshot = ReadonlyMap<string, Content>
export type Content = Readonly<Record<string, unknown>>

export interface Places {
  readonly database: string
  readonly uploads: string
  readonly temporary: string
}

export function takeSnapshot({ database, uploads, temporary }: Places): Snapshot {
  const made = filesOf('tmp', temporary).filter(([name]) => name.startsWith(madeByTests))
  return new Map([...rowsOf(database), ...filesOf('uploads', uploads), ...made])
}

/** Folders of `temporaryFolder()`; the others are caches of runners. */
const madeByTests = 'tmp/dustpan-'

function rowsOf(file: string): [string, Content][] {
  using db = new DatabaseSync(file, { readOnly: true })
  return tablesOf(db).flatMap((table) => {
    const rows = db.prepare(`SELECT * FROM "${table}"`).all()
    return rows.map((row): [string, Content] => [`${table} ${row.id}`, { ...row }])
  })
}

/** Without SQLite's own tables: `sqlite_sequence` has the largest id ever given. */
function tablesOf(db: DatabaseSync): string[] {
  const tables = db
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'")
    .all()
  return tables.map(({ name }) => String(name))
}

function filesOf(name: string, folder: string): [string, Content][] {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).map((entry) => {
    const path = join(entry.parentPath, entry.name)
    return [`${name}/${relative(folder, path)}`, entry.isFile() ? { sha256: hash(path) } : { folder: true }]
  })
}

function hash(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex')
}
