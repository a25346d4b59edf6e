import { DustpanError, isRecord, isText, milliseconds } from '@dustpan/core/driver'
import type { LedgerConfig } from '@dustpan/core/shared-ledger'

export interface RedisLedgerOptions {
  /** The server: `redis://user@host:6379/3`, `rediss://…` with TLS; `env('DUSTPAN_LEDGER_URL')` to take it from the environment. */
  readonly url: string | { readonly env: string }
  /**
   * Whether `url` names a node of a cluster.
   * @default false
   */
  readonly cluster?: boolean
  /**
   * Prefix of the ledger's keys. They carry it in braces, so that a cluster keeps them all on one node.
   * @default 'dustpan'
   */
  readonly prefix?: string
  /**
   * How long a run that has no resources left is kept after it was last heard of. Other runs stay until they are cleaned up.
   * @default '30d'
   */
  readonly keep?: string | number
}

/** The options with the URL resolved and the defaults filled in. */
export interface Settings {
  readonly url: string
  readonly cluster: boolean
  readonly prefix: string
  readonly keepMs: number
}

/**
 * A ledger that several machines share, for the `ledger` of a configuration.
 *
 * @example redisLedger({ url: env('DUSTPAN_LEDGER_URL') })
 */
export function redisLedger(options: RedisLedgerOptions): LedgerConfig {
  return { use: '@dustpan/redis-ledger', options }
}

/** @throws DustpanError `DUSTPAN_CONFIG_INVALID` */
export function settingsOf(options: unknown): Settings {
  const { url, cluster = false, prefix = 'dustpan', keep = '30d', ...others } = isRecord(options) ? options : {}
  const [unknown] = Object.keys(others)
  if (unknown !== undefined) throw invalid(unknown, 'one of url, cluster, prefix, keep', 'an unknown option')
  if (!isText(url) || !isUrl(url)) throw invalid('url', 'redis://host:port/database or rediss://…', 'something else')
  if (typeof cluster !== 'boolean') throw invalid('cluster', 'true or false', 'something else')
  if (!isText(prefix) || !/^[\w.:-]{1,40}$/.test(prefix))
    throw invalid('prefix', 'letters, digits and _ . : -, at most 40', 'something else')
  const keepMs = milliseconds(keep)
  if (keepMs === undefined) throw invalid('keep', "a duration such as '30d'", 'something else')
  return { url, cluster, prefix, keepMs }
}

function isUrl(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, hostname, pathname } = new URL(text)
  return /^rediss?:$/.test(protocol) && hostname !== '' && /^\/?\d*$/.test(pathname)
}

/** The message leaves out the value: a URL may contain a password. */
const invalid = (option: string, expected: string, found: string): DustpanError =>
  new DustpanError('DUSTPAN_CONFIG_INVALID', `ledger.options.${option}: expected ${expected}, found ${found}.`, {
    hint: 'The options are described in docs/shared-ledger.md.',
  })
