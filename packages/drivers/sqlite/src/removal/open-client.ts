import { DustpanError, messageOf } from '@dustpan/core/driver'
import { type Client, clientOf } from '../client.ts'
import { registry } from '../registry.ts'
import { type LibraryOptions, libraryFor } from './library.ts'

/** Opens a database file for Dustpan's own use. @throws DustpanError `DUSTPAN_STORE_UNREACHABLE` */
export async function openClient(path: string, options: LibraryOptions): Promise<Client> {
  const Database = await libraryFor(path, options)
  try {
    const database = new Database(path)
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
