import type { LedgerConfig } from '@dustpan/core/driver'
import { DustpanError, isRecord, isText, milliseconds } from '@dustpan/core/driver'

export interface PostgresLedgerOptions {
  /** Where it is: `postgres://user@host:5432/database`; `env('DUSTPAN_LEDGER_URL')` to take it from the environment. */
  readonly url: string | { readonly env: string }
  /**
   * The schema that its tables are in. It is made at the first use, where the role may.
   * @default 'dustpan'
   */
  readonly schema?: string
  /**
   * How long it has runs of which nothing is left, after they were last heard of. Others stay until they are cleaned up.
   * @default '30d'
   */
  readonly keep?: string | number
}

/** The options as they arrive: the URL resolved, the defaults filled in. */
export interface Settings {
  readonly url: string
  readonly schema: string
  readonly keepMs: number
}

/**
 * A ledger that several machines share, for the `ledger` of a configuration.
 *
 * @example postgresLedger({ url: env('DUSTPAN_LEDGER_URL') })
 */
export function postgresLedger(options: PostgresLedgerOptions): LedgerConfig {
  return { use: '@dustpan/postgres-ledger', options }
}

/** @throws DustpanError `DUSTPAN_CONFIG_INVALID` */
export function settingsOf(options: unknown): Settings {
  const { url, schema = 'dustpan', keep = '30d', ...others } = isRecord(options) ? options : {}
  const [unknown] = Object.keys(others)
  if (unknown !== undefined) throw wrong(unknown, 'one of url, schema, keep', 'an unknown option')
  if (!isText(url) || !/^postgres(?:ql)?:\/\//.test(url) || !URL.canParse(url))
    throw wrong('url', 'postgres://user@host:5432/database', 'something else')
  if (!isText(schema) || !/^[a-z_][a-z\d_]{0,39}$/.test(schema))
    throw wrong('schema', 'small letters, digits and _, at most 40', 'something else')
  const keepMs = milliseconds(keep)
  if (keepMs === undefined) throw wrong('keep', "a duration such as '30d'", 'something else')
  return { url, schema, keepMs }
}

/** Values are not told: a URL has a password. */
const wrong = (option: string, expected: string, found: string): DustpanError =>
  new DustpanError('DUSTPAN_CONFIG_INVALID', `ledger.options.${option}: expected ${expected}, found ${found}.`, {
    hint: 'The options are described in docs/shared-ledger.md.',
  })
