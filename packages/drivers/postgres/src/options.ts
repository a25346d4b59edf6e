import type { DriverConfig, Json } from '@dustpan/core/driver'
import { DustpanError } from '@dustpan/core/driver'
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
   * Tables whose rows are not deleted but marked: the columns to set, by table. `'now'` is the server's `now()`.
   * @example { users: { is_active: false, deleted_at: 'now' } }
   */
  readonly softDelete?: { readonly [table: string]: { readonly [column: string]: Json } }
  /**
   * Whether rows are deleted (`hard`) or marked (`soft`), or that by environment.
   * @default soft for the tables in `softDelete`, hard for all others
   */
  readonly deletion?: Deletion | { readonly [environment: string]: Deletion }
  /**
   * Whether rows that `pg` inserts are tracked by themselves.
   * @default true
   */
  readonly capture?: boolean
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
export function checkOptions(driver: string, options: unknown): Settings {
  if (options === undefined || options === null) return {}
  if (!isRecord(options)) throw wrong(driver, '', 'an object', options)
  for (const [option, value] of Object.entries(options)) {
    const check = checks[option]
    if (!check) throw unknownOption(driver, option)
    if (value !== undefined)
      check(value, (path, expected, found) => wrong(driver, `.${option}${path}`, expected, found))
  }
  return options as Settings
}

type Wrong = (path: string, expected: string, found: unknown) => DustpanError

const checks: { readonly [option: string]: (value: unknown, wrong: Wrong) => void } = {
  url: checkUrl,
  softDelete: checkSoftDelete,
  deletion: checkDeletion,
  capture(value, wrong) {
    if (typeof value !== 'boolean') throw wrong('', 'true or false', value)
  },
  ignoreTables(value, wrong) {
    if (!Array.isArray(value)) throw wrong('', "a list of tables' names", value)
    for (const [index, table] of value.entries()) checkTable(table, `[${index}]`, wrong)
  },
}

function checkUrl(value: unknown, wrong: Wrong): void {
  const expected = 'a connection string such as postgres://user@localhost:5432/database'
  if (typeof value !== 'string') throw wrong('', expected, value)
  if (!/^postgres(ql)?:\/\//.test(value) || !URL.canParse(value)) {
    throw wrong('', expected, value.replace(/\/\/[^@/]*@/, '//…@'))
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
