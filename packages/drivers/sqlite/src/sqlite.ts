import type { DriverConfig } from '@dustpan/core/driver'
import { checkOptions, type SqliteOptions } from './options.ts'

/**
 * A SQLite driver for the configuration. What `node:sqlite` and `better-sqlite3` insert is tracked and removed.
 * @throws DustpanError `DUSTPAN_CONFIG_INVALID` on wrong options.
 * @example
 * defineConfig({ drivers: [sqlite({ file: 'data/shop.db' })] })
 */
export function sqlite(options: SqliteOptions = {}): DriverConfig<SqliteOptions> {
  const name = options?.name ?? 'sqlite'
  return { use: '@dustpan/sqlite', name, options: checkOptions(name, options) }
}
