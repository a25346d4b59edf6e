import { type DriverConfig, isRecord } from '@dustpan/core/driver'
import {
  checkTableOptions,
  connectionString,
  type TableOptions,
  tableOptionChecks,
  type WrongPart,
  wrongFiles,
} from '@dustpan/core/rows'
import { parseTableName } from './names.ts'

export type { Deletion } from '@dustpan/core/rows'

/** Options of {@link postgres}. */
export interface PostgresOptions extends TableOptions {
  /**
   * Unique among the drivers of the configuration.
   * @default 'postgres'
   */
  readonly name?: string
  /**
   * Connection string for removal; `env('DATABASE_URL')` takes it from the environment. Other databases of the same server
   * are reached with it too. Without it, only the process that created a row can remove it, with the connection settings of
   * the client that did.
   */
  readonly url?: string | { readonly env: string }
  /**
   * Whether rows that `pg` and postgres.js insert are tracked automatically.
   * @default true
   */
  readonly capture?: boolean
  /**
   * Whether rows that the application writes through its own connections are tracked too, by the triggers that
   * `dustpan db install` creates.
   * `unattributed`: what happens to rows that name no test: `claim` takes those written while nobody else was working in
   * the database, `leave` only counts them.
   * `restore`: tables whose existing rows are restored when a test changes or deletes them: all, or those named. Changes by
   * the test's own client count too. Off unless asked for, as it writes to rows that are not the tests' own.
   * @default off; when on, `claim` in the environments local and test, `leave` elsewhere, and `restore: false`
   * @example { restore: ['users', 'shop.orders'] }
   */
  readonly application?:
    | boolean
    | { readonly unattributed?: 'claim' | 'leave'; readonly restore?: boolean | readonly string[] }
}

/** The options as the driver receives them: without the name, and with the URL resolved. */
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

const tables = tableOptionChecks((name) => parseTableName(name) !== undefined, wrongFiles)

const checks = {
  url: connectionString(/^postgres(ql)?:\/\//, 'postgres://user@localhost:5432/database'),
  ...tables.checks,
  application: checkApplication,
}

/** @throws DustpanError `DUSTPAN_CONFIG_INVALID`, with the path of the option, what was expected and what was found. */
export function checkOptions(driver: string, options: unknown, root: string): Settings {
  return checkTableOptions<Settings>(driver, options, checks, root)
}

function checkApplication(value: unknown, wrong: WrongPart): void {
  if (typeof value === 'boolean') return
  const { unattributed, restore, ...others } = isRecord(value) ? value : { unattributed: value }
  const isMode = unattributed === undefined || unattributed === 'claim' || unattributed === 'leave'
  if (!isRecord(value) || !isMode || Object.keys(others).length > 0)
    throw wrong('', "true, false, or an object of unattributed ('claim' or 'leave') and restore", value)
  if (restore === undefined || typeof restore === 'boolean') return
  if (!Array.isArray(restore)) throw wrong('.restore', "true, false, or a list of tables' names", restore)
  tables.checkTables(restore, '.restore', wrong)
}
