import { resolve } from 'node:path'
import type { DriverConfig, Json, KindOptions, OwnersOptions } from '@dustpan/core/driver'
import { DustpanError, unfitForFiles, wrongKinds } from '@dustpan/core/driver'
import { parseTableName } from './names.ts'

export type Deletion = 'hard' | 'soft'

export interface PostgresOptions {
  /**
   * Unique among the drivers of the configuration.
   * @default 'postgres'
   */
  readonly name?: string
  /**
   * Connection string for removing, `env('DATABASE_URL')` to take it from the environment. Databases of the same server are reached with it too.
   * Without it, only the process that created a row can remove it, with the connection settings of the client that did.
   */
  readonly url?: string | { readonly env: string }
  /**
   * Tables whose rows are not deleted but marked: the columns to set, by table. `'now'` is the server's `now()`; `{id}` in a text is the
   * row's key, to set a unique column free.
   * @example { users: { is_active: false, deleted_at: 'now', email: 'deleted-{id}' } }
   */
  readonly softDelete?: { readonly [table: string]: { readonly [column: string]: Json } }
  /**
   * Whether rows are deleted (`hard`) or marked (`soft`), or that by environment.
   * @default soft for the tables in `softDelete`, hard for all others
   */
  readonly deletion?: Deletion | { readonly [environment: string]: Deletion }
  /**
   * Files that go with the rows that name them: the column, and the folder that they are in, by table. The folder is relative to the
   * configuration, a path to the folder. A file that was there before the run stays, as does one that another row names.
   * @example { items: { column: 'file_path', folder: './uploads/items' } }
   */
  readonly files?: { readonly [table: string]: { readonly column: string; readonly folder: string } }
  /**
   * Whether rows that `pg` inserts are tracked by themselves.
   * @default true
   */
  readonly capture?: boolean
  /**
   * Tables whose rows can be removed by predicate: which column says who owns a row, what it is tagged with, which run made it, and when.
   * @example { items: { owner: 'created_by', tag: 'tags' }, otps: { owner: { column: 'email', is: 'email', lowerCase: true } } }
   */
  readonly kinds?: { readonly [kind: string]: KindOptions }
  /** The table of those who own rows. @example { table: 'users' } */
  readonly owners?: OwnersOptions
  /**
   * Whether rows that the application writes through its own connections are tracked too, by triggers that `dustpan db install` puts in.
   * `unattributed`: what becomes of rows that name no test: `claim` takes those that came while nobody else was at work in the database,
   * `leave` only counts them.
   * `restore`: of which tables rows that were there before, and that a test changed or deleted, are brought back: all, or those named. What
   * the test's own client does counts too. Off unless asked for, as it writes to rows that are not the tests' own.
   * @default off; when on, `claim` in the environments local and test, `leave` elsewhere, and `restore: false`
   * @example { restore: ['users', 'shop.orders'] }
   */
  readonly application?:
    | boolean
    | { readonly unattributed?: 'claim' | 'leave'; readonly restore?: boolean | readonly string[] }
  /** Tables whose rows are never tracked by themselves: migrations, logs. */
  readonly ignoreTables?: readonly string[]
}

/** The options as the driver gets them: the name apart, the URL resolved. */
export type Settings = Omit<PostgresOptions, 'name' | 'url'> & { readonly url?: string }

/**
 * A PostgreSQL database for the `drivers` of a configuration.
 *
 * @example postgres({ name: 'main', url: env('DATABASE_URL') })
 */
export function postgres(options: PostgresOptions = {}): DriverConfig<Omit<PostgresOptions, 'name'>> {
  const { name = 'postgres', ...rest } = options
  return { use: '@dustpan/postgres', name, options: rest }
}

/** @throws DustpanError `DUSTPAN_CONFIG_INVALID`, with the path of the option, what was expected and what was found. */
export function checkOptions(driver: string, options: unknown, root: string): Settings {
  if (options === undefined || options === null) return {}
  if (!isRecord(options)) throw wrong(driver, '', 'an object', options)
  for (const [option, value] of Object.entries(options)) {
    const check = checks[option]
    if (!check) throw unknownOption(driver, option)
    if (value !== undefined)
      check(value, (path, expected, found) => wrong(driver, `.${option}${path}`, expected, found), root)
  }
  return options as Settings
}

type Wrong = (path: string, expected: string, found: unknown) => DustpanError

const checks: { readonly [option: string]: (value: unknown, wrong: Wrong, root: string) => void } = {
  url: checkUrl,
  softDelete: checkSoftDelete,
  deletion: checkDeletion,
  files: checkFiles,
  capture(value, wrong) {
    if (typeof value !== 'boolean') throw wrong('', 'true or false', value)
  },
  kinds(value, wrong) {
    checkKinds(wrongKinds(value, undefined), wrong)
    for (const [kind, { table = kind }] of Object.entries(value as NonNullable<PostgresOptions['kinds']>))
      checkTable(table, `.${kind}.table`, wrong)
  },
  owners(value, wrong) {
    checkKinds(wrongKinds(undefined, value), wrong)
    checkTable((value as OwnersOptions).table, '.table', wrong)
  },
  application(value, wrong) {
    if (typeof value === 'boolean') return
    const { unattributed, restore, ...others } = isRecord(value) ? value : { unattributed: value }
    const isMode = unattributed === undefined || unattributed === 'claim' || unattributed === 'leave'
    if (!isRecord(value) || !isMode || Object.keys(others).length > 0)
      throw wrong('', "true, false, or an object of unattributed ('claim' or 'leave') and restore", value)
    checkRestore(restore, wrong)
  },
  ignoreTables(value, wrong) {
    if (!Array.isArray(value)) throw wrong('', "a list of tables' names", value)
    for (const [index, table] of value.entries()) checkTable(table, `[${index}]`, wrong)
  },
}

function checkRestore(value: unknown, wrong: Wrong): void {
  if (value === undefined || typeof value === 'boolean') return
  if (!Array.isArray(value)) throw wrong('.restore', "true, false, or a list of tables' names", value)
  for (const [index, table] of value.entries()) checkTable(table, `.restore[${index}]`, wrong)
}

function checkUrl(value: unknown, wrong: Wrong): void {
  const expected = 'a connection string such as postgres://user@localhost:5432/database'
  if (typeof value !== 'string') throw wrong('', expected, value)
  if (!/^postgres(ql)?:\/\//.test(value) || !URL.canParse(value)) {
    // A password that was not encoded may hold any of /, ? and #.
    throw wrong('', expected, value.replace(/\/\/.*@/s, '//…@'))
  }
}

function checkSoftDelete(value: unknown, wrong: Wrong): void {
  if (!isRecord(value)) throw wrong('', 'an object of tables', value)
  for (const [table, columns] of Object.entries(value)) {
    checkTable(table, `.${table}`, wrong)
    if (!isRecord(columns) || Object.keys(columns).length === 0) throw wrong(`.${table}`, 'the columns to set', columns)
  }
}

function checkDeletion(value: unknown, wrong: Wrong): void {
  const expected = "'hard' or 'soft'"
  if (!isRecord(value)) {
    if (value !== 'hard' && value !== 'soft')
      throw wrong('', `${expected}, or one of these for each environment`, value)
    return
  }
  for (const [environment, deletion] of Object.entries(value)) {
    if (deletion !== 'hard' && deletion !== 'soft') throw wrong(`.${environment}`, expected, deletion)
  }
}

function checkFiles(value: unknown, wrong: Wrong, root: string): void {
  if (!isRecord(value)) throw wrong('', 'an object of tables', value)
  for (const [table, files] of Object.entries(value)) {
    checkTable(table, `.${table}`, wrong)
    const { column, folder, ...others } = isRecord(files) ? files : {}
    if (!isText(column) || !isText(folder) || Object.keys(others).length > 0)
      throw wrong(`.${table}`, "{ column: 'file_path', folder: './uploads' }", files)
    const why = unfitForFiles(resolve(root, folder), root)
    if (why !== undefined) throw wrong(`.${table}.folder`, `a folder of uploads (this is ${why})`, folder)
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

function checkKinds(found: ReturnType<typeof wrongKinds>, wrong: Wrong): void {
  if (found) throw wrong(found.path.replace(/^\w+/, ''), found.expected, found.found)
}

function checkTable(value: unknown, path: string, wrong: Wrong): void {
  if (typeof value !== 'string' || !parseTableName(value)) throw wrong(path, "a table's name: users, shop.users", value)
}

function wrong(driver: string, path: string, expected: string, found: unknown): DustpanError {
  const message = `drivers.${driver}.options${path}: expected ${expected}, found ${JSON.stringify(found) ?? typeof found}`
  return new DustpanError('DUSTPAN_CONFIG_INVALID', message)
}

function unknownOption(driver: string, option: string): DustpanError {
  return new DustpanError('DUSTPAN_CONFIG_INVALID', `drivers.${driver}.options.${option}: there is no such option`, {
    hint: `The options are ${Object.keys(checks).join(', ')}`,
  })
}

function isRecord(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
