/** Options that mean the same for every database with rows. */

import type { Json } from '../resource/resource.ts'
import type { Kinds, OwnersOptions } from './kinds.ts'

export type Deletion = 'hard' | 'soft'

export interface SoftDeleteColumns {
  readonly [column: string]: string | number | boolean | null
}

export interface RowOptions {
  /**
   * Whether rows are deleted (`hard`) or marked (`soft`), or that by environment.
   * @default soft for the tables in `softDelete`, hard for all others
   */
  readonly deletion?: Deletion | { readonly [environment: string]: Deletion }
  /**
   * Tables whose rows can be removed by predicate: which column says who owns a row, what it is tagged with, which run made it, and when.
   * @example { items: { owner: 'created_by', tag: 'tags' }, otps: { owner: { column: 'email', is: 'email', lowerCase: true } } }
   */
  readonly kinds?: Kinds
  /** The table of those who own rows. @example { table: 'users' } */
  readonly owners?: OwnersOptions
}

export interface FilesOption {
  readonly [table: string]: { readonly column: string; readonly folder: string }
}

export interface RowFileOptions {
  /**
   * Files that go with the rows that name them: the column, and the folder that they are in, by table. The folder is relative to the
   * configuration, a path to the folder. A file that was there before the run stays, as does one that another row names.
   * @example { items: { column: 'file_path', folder: './uploads/items' } }
   */
  readonly files?: FilesOption
}

/** Of servers whose databases have tables in schemas, or beside those of other databases. */
export interface TableOptions extends RowOptions, RowFileOptions {
  /**
   * Tables whose rows are not deleted but marked: the columns to set, by table. `'now'` is the server's time; `{id}` in a text is the
   * row's key, to set a unique column free.
   * @example { users: { is_active: false, deleted_at: 'now', email: 'deleted-{id}' } }
   */
  readonly softDelete?: { readonly [table: string]: { readonly [column: string]: Json } }
  /** Tables whose rows are never tracked by themselves: migrations, logs. */
  readonly ignoreTables?: readonly string[]
}
