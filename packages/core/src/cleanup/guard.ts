/** Whether a store may be touched at all. */
import type { Settings } from '../config/settings.ts'
import { DustpanError } from '../errors/dustpan-error.ts'
import { redact } from '../errors/redact.ts'
import type { StoreRef } from '../resource/resource.ts'

/** @throws DustpanError `DUSTPAN_HOST_REFUSED`, naming what refused, and how to allow it. */
export function guardStore(settings: Settings, store: StoreRef): void {
  if (settings.environment === 'production') throw refusedEnvironment(settings, store)
  const place = placeOf(store.id)
  if (!place) return
  const { host, database } = place
  const names = settings.allow.map((name) => name.toLowerCase())
  const allowed = (name: string) => names.includes(name.toLowerCase())
  if (!isLoopback(host) && !allowed(host) && !isListedOrigin(settings, store))
    throw refused(host, 'is not on this machine')
  if (looksLikeProduction(host) && !allowed(host)) throw refused(host, 'looks like production')
  if (database !== '' && looksLikeProduction(database) && !allowed(database))
    throw refused(database, 'looks like production')
}

interface Place {
  readonly host: string
  readonly database: string
}

/** Of stores that are named by URL; files and what is in a process are on this machine. */
function placeOf(id: string): Place | undefined {
  if (!/^[a-z+]+:\/\//.test(id) || id.startsWith('file:')) return undefined
  const [, host = '', database = ''] =
    /^[a-z+]+:\/\/(?:[^/?#]*@)?(\[[^\]]*\]|[^/:?#]*)(?::\d*)?\/?([^?#]*)/.exec(id) ?? []
  return { host: host.toLowerCase().replace(/^\[|\]$/g, ''), database: decoded(database) }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

export function isLoopback(host: string): boolean {
  return (
    host === '' ||
    host === 'localhost' ||
    host.endsWith('.localhost') ||
    /^127\.\d+\.\d+\.\d+$/.test(host) ||
    host === '::1' ||
    host === '0.0.0.0'
  )
}

/** Words and hosts that stand for production: whole words only, so that `product-api` and `reproduction` do not hit. */
export function looksLikeProduction(name: string): boolean {
  return /(^|[^a-z0-9])(prod|production|prd|live)([^a-z]|$)/i.test(name) || managed.test(name)
}

const managed =
  /\.(rds\.amazonaws\.com|database\.azure\.com|postgres\.database\.azure\.com|database\.windows\.net|neon\.tech|supabase\.co|planetscale\.com|cloudsql\.google\.com)$/i

/** An origin that the HTTP driver's options name in full is allowed by name. */
function isListedOrigin({ drivers }: Settings, { id, driver }: StoreRef): boolean {
  const origins = drivers.find(({ name }) => name === driver)?.options as { origins?: readonly string[] } | undefined
  return origins?.origins?.includes(id) ?? false
}

function refused(name: string, why: string): DustpanError {
  return new DustpanError(
    'DUSTPAN_HOST_REFUSED',
    `Nothing is removed from ${name}: it ${why}, and the setting \`allow\` does not name it.`,
    {
      hint: `If tests may delete there, add it to the configuration: allow: [${JSON.stringify(name)}].`,
    },
  )
}

function refusedEnvironment({ environmentName }: Settings, store: StoreRef): DustpanError {
  const known = environmentName === 'production' ? '' : ', which is no known name and so counts as production'
  return new DustpanError(
    'DUSTPAN_HOST_REFUSED',
    `Nothing is removed from ${redact(store.id.replace(/#.*$/, ''))}: the setting \`environment\` is ${JSON.stringify(environmentName)}${known}.`,
    {
      hint: 'Set environment (or DUSTPAN_ENVIRONMENT) to local, test or staging if this is not production.',
    },
  )
}
