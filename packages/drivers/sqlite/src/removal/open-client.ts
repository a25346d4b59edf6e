/** Opens a database file with whichever library is there. node:sqlite is loaded only here: Node 22 warns when it is. */
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { DustpanError, messageOf } from '@dustpan/core/driver'
import { type Client, clientOf, type Database, libraryPrototype } from '../client.ts'
import type { ClientName } from '../options.ts'
import { registry } from '../registry.ts'

type Open = (path: string) => Database

const load: { readonly [name in ClientName]: (root: string) => Promise<Open> } = {
  async 'node:sqlite'() {
    const { DatabaseSync } = await import('node:sqlite')
    return opener(DatabaseSync)
  },
  async 'better-sqlite3'(root) {
    return opener(createRequire(join(root, 'package.json'))('better-sqlite3'))
  },
}

export interface Library {
  readonly first: ClientName
  /** Where better-sqlite3 is looked for. */
  readonly root: string
  /**
   * An open connection of this process to the same file, whose library is taken. Two copies of SQLite in one process do not see each
   * other's locks on a file: POSIX locks belong to the process (https://sqlite.org/howtocorrupt.html#_multiple_copies_of_sqlite_linked_into_the_same_application).
   */
  readonly like: Database | undefined
}

export async function openClient(path: string, { first, root, like }: Library): Promise<Client> {
  const names = first === 'node:sqlite' ? ([first, 'better-sqlite3'] as const) : ([first, 'node:sqlite'] as const)
  const open = like === undefined ? await loadFirst(names, root) : opener(libraryPrototype(like).constructor)
  try {
    const database = open(path)
    registry().own.add(database)
    const client = clientOf(database)
    client.exec('PRAGMA foreign_keys = ON')
    return client
  } catch (error) {
    throw new DustpanError('DUSTPAN_STORE_UNREACHABLE', `${path} could not be opened: ${messageOf(error)}`, {
      cause: error,
    })
  }
}

function opener(library: unknown): Open {
  const Constructor = library as new (path: string) => Database
  return (path) => new Constructor(path)
}

async function loadFirst(names: readonly ClientName[], root: string): Promise<Open> {
  const problems: string[] = []
  for (const name of names) {
    try {
      return await load[name](root)
    } catch (error) {
      problems.push(`${name}: ${messageOf(error)}`)
    }
  }
  throw new DustpanError('DUSTPAN_DRIVER_UNAVAILABLE', `No SQLite library could be loaded (${problems.join('; ')})`, {
    hint: 'Use Node 22.18 or newer, or install better-sqlite3.',
  })
}
