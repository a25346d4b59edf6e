import { resolve } from 'node:path'
import { DustpanError, type KindOptions, type OwnersOptions, unfitForFiles, wrongKinds } from '@dustpan/core/driver'

export interface SqliteOptions {
  /**
   * Unique in the configuration.
   * @default 'sqlite'
   */
  readonly name?: string
  /**
   * Path of the database file, relative to the configuration; `env('DATABASE_FILE')` to take it from the environment. `:memory:`: only
   * databases in memory, which any instance serves.
   * @default every SQLite database
   */
  readonly file?: string | { readonly env: string }
  /**
   * Tables whose rows are updated instead of deleted, and the columns to set. `'now'` is the time of the removal; `{id}` in a text is the
   * row's key, to set a unique column free.
   * @example { users: { is_active: false, deleted_at: 'now', email: 'deleted-{id}' } }
   */
  readonly softDelete?: { readonly [table: string]: SoftDeleteColumns }
  /**
   * Whether the tables of `softDelete` are soft-deleted, or rows deleted there too; for all environments or each.
   * @default 'soft'
   */
  readonly deletion?: Deletion | { readonly [environment: string]: Deletion }
  /**
   * Files that go with the rows that name them: the column, and the folder that they are in, by table. The folder is relative to the
   * configuration, a path to the folder. A file that was there before the run stays, as does one that another row names.
   * @example { items: { column: 'file_path', folder: './uploads/items' } }
   */
  readonly files?: FilesOption
  /**
   * Tables whose rows can be removed by predicate: which column says who owns a row, what it is tagged with, which run made it, and when.
   * @example { items: { owner: 'created_by', tag: 'tags' }, otps: { owner: { column: 'email', is: 'email', lowerCase: true } } }
   */
  readonly kinds?: { readonly [kind: string]: KindOptions }
  /** The table of those who own rows. @example { table: 'users' } */
  readonly owners?: OwnersOptions
  /**
   * Whether what `node:sqlite` and `better-sqlite3` insert is tracked by itself.
   * @default true
   */
  readonly capture?: boolean
  /**
   * Whether rows that the application writes through its own connections to `file` are tracked too, by triggers that `dustpan db install`
   * puts in. `unattributed`: what becomes of rows that name no test: `claim` takes those that came while nobody else was at work in the file,
   * `leave` only counts them.
   * @default off; when on, `claim` in the environments local and test, `leave` elsewhere
   */
  readonly application?: boolean | { readonly unattributed?: 'claim' | 'leave' }
  /**
   * The library that opens a database file to remove rows from it; the other one is taken where this cannot be loaded.
   * @default 'node:sqlite'
   */
  readonly client?: ClientName
}

export interface FilesOption {
  readonly [table: string]: { readonly column: string; readonly folder: string }
}

export type Deletion = 'hard' | 'soft'
export type ClientName = 'node:sqlite' | 'better-sqlite3'
export interface SoftDeleteColumns {
  readonly [column: string]: string | number | boolean | null
}

/** The options as the driver gets them: the name apart, the file resolved. */
export type Settings = Omit<SqliteOptions, 'name' | 'file'> & { readonly file?: string }

const isText = (value: unknown) => typeof value === 'string' && value !== ''
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isDeletion = (value: unknown) => value === 'hard' || value === 'soft'
const isScalar = (value: unknown) => value === null || ['string', 'number', 'boolean'].includes(typeof value)

/** What each option must be, in words and as a check. */
const rules: {
  readonly [option in keyof Settings]-?: readonly [expected: string, holds: (value: unknown, root: string) => boolean]
} = {
  file: ["a path or ':memory:'", isText],
  softDelete: ['columns and their values for each table', isSoftDelete],
  files: ['a column and a folder of uploads for each table (not the project, or above it)', isFiles],
  deletion: ["'hard', 'soft', or one of them for each environment", isDeletionChoice],
  kinds: [
    'for each kind the columns table, owner, tag, run, createdAt; owner may be { column, is, lowerCase }',
    (value) => wrongKinds(value, undefined) === undefined,
  ],
  owners: ['a table, and its key and type', (value) => wrongKinds(undefined, value) === undefined],
  capture: ['true or false', (value) => typeof value === 'boolean'],
  application: ["true, false, or { unattributed: 'claim' } or 'leave'", isApplication],
  client: ["'node:sqlite' or 'better-sqlite3'", (value) => value === 'node:sqlite' || value === 'better-sqlite3'],
}

/** @throws DustpanError `DUSTPAN_CONFIG_INVALID` that names the option, what was expected and what was found. */
export function checkOptions(instance: string, options: unknown, root: string): Settings {
  const given = options ?? {}
  if (!isRecord(given)) throw wrong(instance, 'options', 'an object', given)
  for (const [option, value] of Object.entries(given)) {
    const rule = Object.hasOwn(rules, option) ? rules[option as keyof Settings] : undefined
    if (rule === undefined)
      throw wrong(instance, `options.${option}`, `one of ${Object.keys(rules).join(', ')}`, option)
    if (value !== undefined && !rule[1](value, root)) throw wrong(instance, `options.${option}`, rule[0], value)
  }
  const { application, file } = given
  if (application && (file === undefined || file === ':memory:')) throw unreachable(instance, file)
  return given
}

/** The application has another process, or at least another connection. */
function unreachable(instance: string, file: unknown): DustpanError {
  return wrong(
    instance,
    'options.application',
    'the option file beside it, as nobody else sees a database in memory',
    file,
  )
}

function isApplication(value: unknown): boolean {
  if (!isRecord(value)) return typeof value === 'boolean'
  const { unattributed, ...others } = value
  return [undefined, 'claim', 'leave'].includes(unattributed as undefined) && Object.keys(others).length === 0
}

function isSoftDelete(value: unknown): boolean {
  return isRecord(value) && Object.values(value).every(isColumns)
}

function isColumns(value: unknown): boolean {
  return isRecord(value) && Object.keys(value).length > 0 && Object.values(value).every(isScalar)
}

function isFiles(value: unknown, root: string): boolean {
  return isRecord(value) && Object.values(value).every((files) => isColumnInFolder(files, root))
}

function isColumnInFolder(files: unknown, root: string): boolean {
  if (!isRecord(files) || Object.keys(files).length !== 2 || !isText(files.column) || !isText(files.folder))
    return false
  return unfitForFiles(resolve(root, String(files.folder)), root) === undefined
}

function isDeletionChoice(value: unknown): boolean {
  return isDeletion(value) || (isRecord(value) && Object.values(value).every(isDeletion))
}

function wrong(instance: string, path: string, expected: string, found: unknown): DustpanError {
  return new DustpanError(
    'DUSTPAN_CONFIG_INVALID',
    `drivers.${instance}.${path}: expected ${expected}, found ${JSON.stringify(found) ?? String(found)}`,
    { hint: `Correct ${path} of the driver '${instance}' in the configuration.` },
  )
}
