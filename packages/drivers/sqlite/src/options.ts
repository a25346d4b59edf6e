import { DustpanError } from '@dustpan/core/driver'

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
  /** Tables whose rows are updated instead of deleted, and the columns to set. `'now'` is the time of the removal. */
  readonly softDelete?: { readonly [table: string]: SoftDeleteColumns }
  /**
   * Whether the tables of `softDelete` are soft-deleted, or rows deleted there too; for all environments or each.
   * @default 'soft'
   */
  readonly deletion?: Deletion | { readonly [environment: string]: Deletion }
  /**
   * Whether what `node:sqlite` and `better-sqlite3` insert is tracked by itself.
   * @default true
   */
  readonly capture?: boolean
  /**
   * The library that opens a database file to remove rows from it; the other one is taken where this cannot be loaded.
   * @default 'node:sqlite'
   */
  readonly client?: ClientName
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
  readonly [option in keyof Settings]-?: readonly [expected: string, holds: (value: unknown) => boolean]
} = {
  file: ["a path or ':memory:'", isText],
  softDelete: ['columns and their values for each table', isSoftDelete],
  deletion: ["'hard', 'soft', or one of them for each environment", isDeletionChoice],
  capture: ['true or false', (value) => typeof value === 'boolean'],
  client: ["'node:sqlite' or 'better-sqlite3'", (value) => value === 'node:sqlite' || value === 'better-sqlite3'],
}

/** @throws DustpanError `DUSTPAN_CONFIG_INVALID` that names the option, what was expected and what was found. */
export function checkOptions(instance: string, options: unknown): Settings {
  const given = options ?? {}
  if (!isRecord(given)) throw wrong(instance, 'options', 'an object', given)
  for (const [option, value] of Object.entries(given)) {
    const rule = Object.hasOwn(rules, option) ? rules[option as keyof Settings] : undefined
    if (rule === undefined)
      throw wrong(instance, `options.${option}`, `one of ${Object.keys(rules).join(', ')}`, option)
    if (value !== undefined && !rule[1](value)) throw wrong(instance, `options.${option}`, rule[0], value)
  }
  return given
}

function isSoftDelete(value: unknown): boolean {
  return isRecord(value) && Object.values(value).every(isColumns)
}

function isColumns(value: unknown): boolean {
  return isRecord(value) && Object.keys(value).length > 0 && Object.values(value).every(isScalar)
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
