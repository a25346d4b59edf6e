/** The world in a store of its own, whose logs are named `activity`. */
import { join } from 'node:path'
import { folderOf } from '../run/project-folder.ts'
import type { PredicateWorld } from './suite.ts'

/** Kinds for stores with the column names usual in SQL. */
export const kinds = {
  items: { owner: 'created_by', tag: 'tags', createdAt: 'made_at' },
  otps: { owner: { column: 'email', is: 'email', lowerCase: true } },
  logs: { table: 'activity', owner: 'user_id' },
}

/** @param ids returns the ids in a table, in order */
export function shopIn(
  use: string,
  store: object,
  ids: (table: string) => readonly number[] | Promise<readonly number[]>,
): Pick<PredicateWorld, 'driver' | 'left'> {
  return {
    driver: (options = {}) => ({
      use: join(folderOf(use), 'src/index.ts'),
      name: 'main',
      options: { kinds, owners: { table: 'users', type: 'user' }, ...store, ...options },
    }),
    left: async () => ({
      users: await ids('users'),
      items: await ids('items'),
      otps: await ids('otps'),
      logs: await ids('activity'),
    }),
  }
}
