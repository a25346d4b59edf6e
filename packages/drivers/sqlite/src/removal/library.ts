/**
 * Decides which library Dustpan opens a database file with. POSIX locks belong to the process: a second copy of SQLite in it does
 * not see the locks of the first, and drops them when it closes the file
 * (https://sqlite.org/howtocorrupt.html#_multiple_copies_of_sqlite_linked_into_the_same_application).
 */
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { DustpanError, messageOf } from '@dustpan/core/driver'
import { type Library, libraryOf } from '../client.ts'
import type { ClientName } from '../options.ts'
import { clientsAt, libraryUsedFor } from '../registry.ts'
import { type LoadedLibraries, loadedLibraries } from './loaded-libraries.ts'

export interface LibraryOptions {
  readonly client: ClientName | undefined
  /** The folder from which better-sqlite3 is resolved, unless it is loaded. */
  readonly root: string
}

/**
 * The library of an open captured connection to the file; else the option `client`; else the library of a captured connection
 * that was closed; else the one that any thread of this process has loaded; else node:sqlite.
 * @throws DustpanError `DUSTPAN_STORE_UNREACHABLE` if the file may be open through a library that Dustpan cannot use.
 */
export async function libraryFor(path: string, { client, root }: LibraryOptions): Promise<Library> {
  const [open] = clientsAt(path)
  const known = open ? libraryOf(open.database) : client === undefined ? libraryUsedFor(path) : undefined
  if (known !== undefined) return known
  const loaded = loadedLibraries()
  return loadFirst(client === undefined ? namesLike(loaded, path) : namesFor[client], loaded, root)
}

const namesFor: { readonly [name in ClientName]: readonly ClientName[] } = {
  'node:sqlite': ['node:sqlite', 'better-sqlite3'],
  'better-sqlite3': ['better-sqlite3', 'node:sqlite'],
}

function namesLike({ betterSqlite3, others }: LoadedLibraries, path: string): readonly ClientName[] {
  if (others.length > 0) throw notOpened(path, others)
  if (betterSqlite3.length > 1) throw notOpened(path, betterSqlite3)
  return betterSqlite3.length === 1 ? ['better-sqlite3'] : namesFor['node:sqlite']
}

function notOpened(path: string, libraries: readonly string[]): DustpanError {
  return new DustpanError(
    'DUSTPAN_STORE_UNREACHABLE',
    `${path} was not opened in this process, which may have it open through ${libraries.join(' or ')}: two copies of SQLite in one process break each other's locks`,
    {
      isFinal: true,
      hint: 'Nothing was changed. A process that has not loaded that library cleans up: the main process when the run ends, or `dustpan clean`. If nothing uses this file through it, set the option `client`.',
    },
  )
}

async function loadFirst(names: readonly ClientName[], loaded: LoadedLibraries, root: string): Promise<Library> {
  const problems: string[] = []
  for (const name of names) {
    try {
      return await load[name](loaded, root)
    } catch (error) {
      problems.push(`${name}: ${messageOf(error)}`)
    }
  }
  throw new DustpanError('DUSTPAN_DRIVER_UNAVAILABLE', `No SQLite library could be loaded (${problems.join('; ')})`, {
    hint: 'Use Node 22.18 or newer, or install better-sqlite3.',
  })
}

/** node:sqlite is loaded only here: Node 22 prints a warning when it is. */
const load: { readonly [name in ClientName]: (loaded: LoadedLibraries, root: string) => Promise<Library> } = {
  async 'node:sqlite'() {
    return (await import('node:sqlite')).DatabaseSync as unknown as Library
  },
  /** The loaded copy may be another one than the project's. */
  async 'better-sqlite3'({ betterSqlite3: [copy, another] }, root) {
    const name = copy === undefined || another !== undefined ? 'better-sqlite3' : copy
    return createRequire(join(root, 'package.json'))(name)
  },
}
