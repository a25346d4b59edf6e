/** Options shared by all databases with rows. */

import type { Json } from '../resource/resource.ts'
import type { Kinds, OwnersOptions } from './kinds.ts'

export type Deletion = 'hard' | 'soft'

export interface SoftDeleteColumns {
  readonly [column: string]: string | number | boolean | null
}

export interface RowOptions {
  /**
   * Whether rows are deleted (`hard`) or marked (`soft`), also per environment.
   * @default soft for the tables in `softDelete`, hard for all others
   */
  readonly deletion?: Deletion | { readonly [environment: string]: Deletion }
  /**
   * Tables whose rows can be removed by predicate: the columns with a row's owner, tag, run and creation time.
   * @example { items: { owner: 'created_by', tag: 'tags' }, otps: { owner: { column: 'email', is: 'email', lowerCase: true } } }
   */
  readonly kinds?: Kinds
  /** The table of owners. @example { table: 'users' } */
  readonly owners?: OwnersOptions
}

export interface FilesOption {
  readonly [table: string]: { readonly column: string; readonly folder: string }
}

export interface RowFileOptions {
  /**
   * Files that are removed with the rows that name them: by table, the column and the folder of the files. The
   * folder is relative to the configuration, and the paths to the folder. A file that existed before the run
   * is kept, as is one that another row names.
   * @example { items: { column: 'file_path', folder: './uploads/items' } }
   */
  readonly files?: FilesOption
}

/** Options of servers with tables in schemas, or in several databases. */
export interface TableOptions extends RowOptions, RowFileOptions {
  /**
   * Tables whose rows are not deleted but marked: the columns to set, by table. `'now'` is the server's time; `{id}` in a
   * string is the row's key, to free a unique value.
   * @example { users: { is_active: false, deleted_at: 'now', email: 'deleted-{id}' } }
   */
  readonly softDelete?: { readonly [table: string]: { readonly [column: string]: Json } }
  /** Tables whose rows are never captured: migrations, logs. */
  readonly ignoreTables?: readonly string[]
}
