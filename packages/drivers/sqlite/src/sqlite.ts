import type { DriverConfig } from '@dustpan/core/driver'
import type { SqliteOptions } from './options.ts'

/**
 * A SQLite database for the `drivers` of a configuration. What `node:sqlite` and `better-sqlite3` insert is tracked and removed.
 * @example
 * defineConfig({ drivers: [sqlite({ file: 'data/shop.db' })] })
 */
export function sqlite(options: SqliteOptions = {}): DriverConfig<Omit<SqliteOptions, 'name'>> {
  const { name = 'sqlite', ...rest } = options
  return { use: '@dustpan/sqlite', name, options: rest }
}
