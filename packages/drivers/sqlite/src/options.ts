import {
  checkOptionRules,
  type DriverConfig,
  eachOf,
  isFlag,
  isRecord,
  isText,
  type OptionRules,
  sharedRules,
  wrongOption,
} from '@dustpan/core/driver'
import { type RowFileOptions, type RowOptions, type SoftDeleteColumns, wrongFiles } from '@dustpan/core/rows'

export type { Deletion, FilesOption, SoftDeleteColumns } from '@dustpan/core/rows'

export interface SqliteOptions extends RowOptions, RowFileOptions {
  /**
   * Unique in the configuration.
   * @default 'sqlite'
   */
  readonly name?: string
  /**
   * Path of the database file, relative to the configuration; `env('DATABASE_FILE')` to read it from the environment. `:memory:`:
   * only in-memory databases, which any instance serves.
   * @default every SQLite database
   */
  readonly file?: string | { readonly env: string }
  /**
   * Tables whose rows are updated instead of deleted, and the columns to set. `'now'` is the time of the removal; `{id}` in a
   * text is the row's key, to free the value of a unique column.
   * @example { users: { is_active: false, deleted_at: 'now', email: 'deleted-{id}' } }
   */
  readonly softDelete?: { readonly [table: string]: SoftDeleteColumns }
  /** Tables whose rows are never tracked automatically: migrations, logs. */
  readonly ignoreTables?: readonly string[]
  /**
   * Whether rows inserted through `node:sqlite` and `better-sqlite3` are tracked automatically.
   * @default true
   */
  readonly capture?: boolean
  /**
   * Whether rows that the application writes through its own connections to `file` are tracked too, by triggers that `dustpan db
   * install` creates. `unattributed`: what happens to rows that name no test: `claim` takes rows written while nobody else was
   * using the file, `leave` only counts them. `restore`: rows that existed before, and that a test or the application on its
   * behalf changed or deleted, are restored by the cleanup: in all tables, or in the ones named.
   * @default off; when on, `claim` in the environments local and test, `leave` elsewhere, and nothing is restored
   */
  readonly application?:
    | boolean
    | { readonly unattributed?: 'claim' | 'leave'; readonly restore?: boolean | readonly string[] }
  /**
   * The library that opens a database file to remove rows from it; the other one is used if this one cannot be loaded. A file that
   * a captured connection has open is opened with the same library whatever this option says.
   * @default the one that the tests use for the file, or that the process has loaded; else 'node:sqlite'
   */
  readonly client?: ClientName
}

export type ClientName = 'node:sqlite' | 'better-sqlite3'

/** The options as the driver receives them: without the name, and with the file resolved. */
export type Settings = Omit<SqliteOptions, 'name' | 'file'> & { readonly file?: string }

/**
 * A SQLite database for the `drivers` of a configuration. Rows inserted through `node:sqlite` and `better-sqlite3` are tracked
 * and removed.
 * @example
 * defineConfig({ drivers: [sqlite({ file: 'data/shop.db' })] })
 */
export function sqlite(options: SqliteOptions = {}): DriverConfig<Omit<SqliteOptions, 'name'>> {
  const { name = 'sqlite', ...rest } = options
  return { use: '@dustpan/sqlite', name, options: rest }
}

const rules: OptionRules<Settings> = {
  file: ["a path or ':memory:'", isText],
  ...sharedRules,
  files: [
    'a column and a folder of uploads for each table (not the project, or above it)',
    eachOf((files, root) => wrongFiles(files, root) === undefined),
  ],
  ignoreTables: ["a list of tables' names", (names) => Array.isArray(names) && names.every(isText)],
  application: [
    "true, false, or { unattributed: 'claim' or 'leave', restore: true or names of tables }",
    isApplication,
  ],
  client: ["'node:sqlite' or 'better-sqlite3'", (value) => value === 'node:sqlite' || value === 'better-sqlite3'],
}

/** @throws DustpanError `DUSTPAN_CONFIG_INVALID` that names the option, what was expected and what was found. */
export function checkOptions(instance: string, options: unknown, root: string): Settings {
  const settings = checkOptionRules(instance, options, rules, root)
  const { application, file } = settings
  // The application uses another process, or at least another connection.
  if (application && (file === undefined || file === ':memory:')) {
    const expected = 'the option file beside it, as nobody else sees a database in memory'
    throw wrongOption(instance, 'options.application', expected, file)
  }
  return settings
}

function isApplication(value: unknown): boolean {
  if (!isRecord(value)) return isFlag(value)
  const { unattributed, restore = false, ...others } = value
  const isRestore = isFlag(restore) || (Array.isArray(restore) && restore.every(isText))
  return (
    isRestore && [undefined, 'claim', 'leave'].includes(unattributed as undefined) && Object.keys(others).length === 0
  )
}
