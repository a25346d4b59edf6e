import { type AuditEntry, openAudit } from './audit.ts'
import { type Environment, environmentOf } from './environment.ts'
import { keyFor } from './guard/key.ts'
import { maxMinutes } from './guard/test-id.ts'
import { reservedWords } from './route.ts'
import { checkStore, type TestDataStore } from './store.ts'

export interface EndpointOptions {
  /** The application's own functions. */
  readonly store: TestDataStore
  /**
   * Whether the endpoints are on; a function, such as a feature flag, is asked for each call. @default the variable
   * DUSTPAN_ENDPOINTS is 1
   */
  readonly enabled?: boolean | (() => boolean | Promise<boolean>)
  /**
   * Where the application runs: local, test or staging. Any other name is production. @default DUSTPAN_ENVIRONMENT, else
   * NODE_ENV
   */
  readonly environment?: string
  /** At least 16 characters. @default DUSTPAN_INTERNAL_KEY_<ENVIRONMENT>, else DUSTPAN_INTERNAL_KEY */
  readonly key?: string
  /** The path of the endpoints, as clients send it. @default '/api/test' */
  readonly base?: string
  /** The prefix of test ids and of names of created resources. @default 'test-' */
  readonly prefix?: string
  /** The tag of all test data. @default 'test-data' */
  readonly tag?: string
  /** The maximum age of a calling test, unless the call sets one. @default 60 */
  readonly maxAgeMinutes?: number
  /** The maximum size of a body in bytes. @default 102_400 */
  readonly bodyLimit?: number
  /** A file for JSON lines, or a function. A call that cannot be logged is not carried out. @default JSON lines on stderr */
  readonly audit?: string | ((entry: AuditEntry) => void | Promise<void>)
}

export interface Settings {
  readonly store: TestDataStore
  readonly enabled: () => boolean | Promise<boolean>
  readonly environment: Environment
  /** Undefined when the endpoints are off, or in production. */
  readonly key: string | undefined
  readonly base: string
  readonly prefix: string
  readonly tag: string
  readonly maxAgeMinutes: number
  readonly bodyLimit: number
  readonly audit: (entry: AuditEntry) => void | Promise<void>
}

/** @throws TypeError for invalid options, or without a sufficient key */
export function settingsOf(options: EndpointOptions): Settings {
  const { store, base = '/api/test', prefix = 'test-', tag = 'test-data', maxAgeMinutes = 60 } = options
  checkStore(store, reservedWords)
  if (!/^(\/[\w.~-]+)+$/.test(base)) throw new TypeError(`base: expected a path like "/api/test", got ${base}`)
  if (!/^[\w.-]{3,64}$/.test(prefix)) throw new TypeError('prefix: expected 3 to 64 letters, digits and . _ -')
  if (!(maxAgeMinutes > 0 && maxAgeMinutes <= maxMinutes)) {
    throw new TypeError(`maxAgeMinutes: expected at most ${maxMinutes}, got ${maxAgeMinutes}`)
  }
  const { enabled = process.env.DUSTPAN_ENDPOINTS === '1', bodyLimit = 102_400 } = options
  if (typeof enabled !== 'boolean' && typeof enabled !== 'function') {
    throw new TypeError(`enabled: expected true, false or a function, got ${JSON.stringify(enabled)}`)
  }
  const environment = environmentOf(options.environment)
  const isReachable = enabled !== false && environment !== 'production'
  return {
    store,
    enabled: typeof enabled === 'function' ? enabled : () => enabled,
    environment,
    key: isReachable ? keyFor(environment, options.key) : undefined,
    base,
    prefix,
    tag,
    maxAgeMinutes,
    bodyLimit,
    audit: openAudit(options.audit),
  }
}
