import { checkOptionRules, type DriverConfig, type OptionRules, sharedRules } from '@dustpan/core/driver'
import type { RowOptions, SoftDeleteColumns } from '@dustpan/core/rows'

export type { Deletion, SoftDeleteColumns } from '@dustpan/core/rows'

export interface ClickHouseOptions extends RowOptions {
  /**
   * Unique among the drivers of the configuration.
   * @default 'clickhouse'
   */
  readonly name?: string
  /**
   * `http://user:password@localhost:8123/shop`, or `env('CLICKHOUSE_URL')` to take it from the environment. It also
   * covers the other databases of the server. Without it, only the process that inserted a row can remove it, through
   * the client that inserted it.
   */
  readonly url?: string | { readonly env: string }
  /**
   * Tables whose rows are marked instead of deleted: the columns to set, by table. `'now'` is the server's `now()`.
   * @example { users: { is_active: 0, deleted_at: 'now' } }
   */
  readonly softDelete?: { readonly [table: string]: SoftDeleteColumns }
  /**
   * Whether rows that `@clickhouse/client` inserts are tracked automatically.
   * @default true
   */
  readonly capture?: boolean
}

/** The options as the driver gets them: without the name, the URL resolved. */
export type Settings = Omit<ClickHouseOptions, 'name' | 'url'> & { readonly url?: string }

/**
 * A ClickHouse database for the `drivers` of a configuration.
 *
 * @example clickhouse({ name: 'events', url: env('CLICKHOUSE_URL') })
 */
export function clickhouse(options: ClickHouseOptions = {}): DriverConfig<Omit<ClickHouseOptions, 'name'>> {
  const { name = 'clickhouse', ...rest } = options
  return { use: '@dustpan/clickhouse', name, options: rest }
}

const rules: OptionRules<Settings> = {
  url: ['http://user:password@host:8123/database', isUrl],
  ...sharedRules,
}

/** @throws DustpanError `DUSTPAN_CONFIG_INVALID` that names the option, the expected and the actual value. */
export function checkOptions(instance: string, options: unknown): Settings {
  return checkOptionRules(instance, options, rules)
}

function isUrl(value: unknown): boolean {
  return typeof value === 'string' && URL.canParse(value) && /^https?:$/.test(new URL(value).protocol)
}
