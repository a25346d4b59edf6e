import {
  checkOptionRules,
  type DriverConfig,
  eachOf,
  isFlag,
  isRecord,
  isText,
  type OptionRules,
  sharedRules,
} from '@dustpan/core/driver'

export interface RedisOptions {
  /**
   * Unique among the drivers of the configuration.
   * @default 'redis'
   */
  readonly name?: string
  /**
   * The server to remove keys from: `redis://[[user]:password@]host[:port][/database]`, `rediss://…` with TLS,
   * `unix:/path/of/socket?db=0`; `env('REDIS_URL')` to take it from the environment. It also covers the other databases
   * of the server. Without it, only the process that created a key can remove it, with the settings of the client that
   * created it.
   */
  readonly url?: string | { readonly env: string }
  /**
   * Whether `url` names a node of a cluster.
   * @default false
   */
  readonly cluster?: boolean
  /**
   * Whether keys that ioredis and node-redis create are tracked automatically.
   * @default true
   */
  readonly capture?: boolean
  /**
   * Names for keys, by pattern, and how to find them by predicate: by run, tag and owner if those are part of the key.
   * @example { session: { pattern: 'session:*', owner: 'session:{owner}:*' } }
   */
  readonly kinds?: { readonly [kind: string]: KindPatterns }
  /** Patterns of keys that are never tracked automatically, such as locks and caches. */
  readonly ignoreKeys?: readonly string[]
}

/** Redis glob patterns: `*`, `?`, `[ab]`. */
export interface KindPatterns {
  readonly pattern: string
  /** Contains `{run}`. */
  readonly run?: string
  /** Contains `{tag}`. */
  readonly tag?: string
  /** Contains `{owner}`. */
  readonly owner?: string
}

/** The options as the driver gets them: without the name, the URL resolved. */
export type Settings = Omit<RedisOptions, 'name' | 'url'> & { readonly url?: string }

/**
 * A Redis or Valkey server, or a cluster, for the `drivers` of a configuration.
 *
 * @example redis({ name: 'cache', url: env('REDIS_URL') })
 */
export function redis(options: RedisOptions = {}): DriverConfig<Omit<RedisOptions, 'name'>> {
  const { name = 'redis', ...rest } = options
  return { use: '@dustpan/redis', name, options: rest }
}

const rules: OptionRules<Settings> = {
  url: ['redis://host:port/database, rediss://… or unix:/path', isUrl],
  cluster: ['true or false', isFlag],
  capture: sharedRules.capture,
  kinds: ['for each kind a pattern, and run, tag, owner: patterns with {run}, {tag}, {owner} in them', eachOf(isKind)],
  ignoreKeys: ['a list of patterns', (value) => Array.isArray(value) && value.every(isText)],
}

/** @throws DustpanError `DUSTPAN_CONFIG_INVALID` that names the option, the expected and the actual value. */
export function checkOptions(instance: string, options: unknown): Settings {
  return checkOptionRules(instance, options, rules)
}

function isUrl(value: unknown): boolean {
  if (typeof value !== 'string' || !URL.canParse(value)) return false
  const { protocol, pathname, hostname, searchParams } = new URL(value)
  if (protocol === 'unix:') return pathname.startsWith('/') && /^\d*$/.test(searchParams.get('db') ?? '')
  return /^rediss?:$/.test(protocol) && hostname !== '' && /^\/?\d*$/.test(pathname)
}

function isKind(value: unknown): boolean {
  if (!isRecord(value) || !isText(value.pattern)) return false
  return Object.entries(value).every(
    ([part, text]) =>
      part === 'pattern' ||
      (['run', 'tag', 'owner'].includes(part) && typeof text === 'string' && text.includes(`{${part}}`)),
  )
}
