import { DustpanError, isRecord, isText, milliseconds } from '@dustpan/core/driver'
import type { LedgerConfig } from '@dustpan/core/shared-ledger'

export interface PostgresLedgerOptions {
  /** The server: `postgres://user@host:5432/database`; `env('DUSTPAN_LEDGER_URL')` to take it from the environment. */
  readonly url: string | { readonly env: string }
  /**
   * The schema of the ledger's tables. It is created at the first use, if the role may.
   * @default 'dustpan'
   */
  readonly schema?: string
  /**
   * How long a run that has no resources left is kept after it was last heard of. Other runs stay until they are cleaned up.
   * @default '30d'
   */
  readonly keep?: string | number
}

/** The options with the URL resolved and the defaults filled in. */
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
  if (unknown !== undefined) throw invalid(unknown, 'one of url, schema, keep', 'an unknown option')
  if (!isText(url) || !/^postgres(?:ql)?:\/\//.test(url) || !URL.canParse(url))
    throw invalid('url', 'postgres://user@host:5432/database', 'something else')
  if (!isText(schema) || !/^[a-z_][a-z\d_]{0,39}$/.test(schema))
    throw invalid('schema', 'small letters, digits and _, at most 40', 'something else')
  const keepMs = milliseconds(keep)
  if (keepMs === undefined) throw invalid('keep', "a duration such as '30d'", 'something else')
  return { url, schema, keepMs }
}

/** The message leaves out the value: a URL may contain a password. */
const invalid = (option: string, expected: string, found: string): DustpanError =>
  new DustpanError('DUSTPAN_CONFIG_INVALID', `ledger.options.${option}: expected ${expected}, found ${found}.`, {
    hint: 'The options are described in docs/shared-ledger.md.',
  })
