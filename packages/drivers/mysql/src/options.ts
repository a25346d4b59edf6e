import type { DriverConfig } from '@dustpan/core/driver'
import {
  checkTableOptions,
  connectionString,
  type TableOptions,
  tableOptionChecks,
  wrongFiles,
} from '@dustpan/core/rows'
import { parseTableName } from './names.ts'

export type { Deletion } from '@dustpan/core/rows'

export interface MysqlOptions extends TableOptions {
  /**
   * Unique among the drivers of the configuration.
   * @default 'mysql'
   */
  readonly name?: string
  /**
   * Connection string for removals, `env('DATABASE_URL')` to read it from the environment; `mysql://` for MariaDB too. Also used
   * for other databases on the same server. Without it, only the process that created a row can remove it, with the settings of
   * the client that did.
   */
  readonly url?: string | { readonly env: string }
  /**
   * Whether rows that `mysql2` inserts are tracked automatically.
   * @default true
   */
  readonly capture?: boolean
}

/** The options as the driver receives them: without the name, and with the URL resolved. */
export type Settings = Omit<MysqlOptions, 'name' | 'url'> & { readonly url?: string }

/**
 * A MySQL or MariaDB database for the `drivers` of a configuration.
 *
 * @example mysql({ name: 'main', url: env('DATABASE_URL') })
 */
export function mysql(options: MysqlOptions = {}): DriverConfig<Omit<MysqlOptions, 'name'>> {
  const { name = 'mysql', ...rest } = options
  return { use: '@dustpan/mysql', name, options: rest }
}

const tables = tableOptionChecks((name) => parseTableName(name) !== undefined, wrongFiles)

const checks = {
  url: connectionString(/^(?:mysql|mariadb):\/\//, 'mysql://user@localhost:3306/database'),
  ...tables.checks,
}

/** @throws DustpanError `DUSTPAN_CONFIG_INVALID`, with the path of the option, what was expected and what was found. */
export function checkOptions(driver: string, options: unknown, root: string): Settings {
  return checkTableOptions<Settings>(driver, options, checks, root)
}
