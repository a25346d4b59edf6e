/**
 * Names of headers, parameters and path segments that select one of several owners of the same paths: `X-Tenant-ID`, `?org=b`, `/teams/3`.
 */

/** May be followed by anything: `X-Shop-Domain`. */
const anywhere = [
  'tenant',
  'org',
  'organi[sz]ation',
  'account',
  'workspace',
  'company',
  'customer',
  'merchant',
  'project',
  'team',
  'site',
  'shop',
  'store',
  'realm',
  'database',
  'namespace',
  'environment',
  'schema',
  'impersonat(?:e|ed|or|ion)',
]

/** May only be followed by an id or key suffix: `X-Region`, but not `X-Region-Latency`. */
const last = [
  'region',
  'brand',
  'domain',
  'subdomain',
  'group',
  'env',
  'seller',
  'vendor',
  'partner',
  'app',
  'application',
]

const test = new RegExp(
  `^(?!sec-|x-(?:amz|goog|ms)-meta-)(?:.*[-_.])?(?:(${anywhere.join('|')})(?:id|slug|name|key|code)?(?:$|[-_])|(${last.join('|')})(?:[-_]?(?:id|slug|key|code))?$|(client)[-_]?(?:id|key)$|(on-behalf-of)(?:$|-))`,
  'i',
)

/** `routing` selects the shard of a document (Elasticsearch), without which it is not found. The last are the addresses that a gateway was called by, and Miniflare's `dispatchFetch`. */
const others =
  /^(content-profile|routing|x-host|x-http-host-override|x-script-name|x-forwarded-(host|server|prefix|path|uri)|x-original-(host|url|uri)|x-rewrite-(url|uri)|mf-(original-url|route-override))$/i

/** Whether a header has the address of the resource itself, so that its removal needs another value. */
export const isAddressHeader = (name: string): boolean =>
  /^(x-forwarded-(path|uri)|x-(original|rewrite)-(url|uri)|mf-original-url)$/i.test(name)

/** Whether an address header counts only with its host: Miniflare sends the whole URL. */
export const namesHost = (name: string): boolean => /^mf-original-url$/i.test(name)

/** The kind of owner that a name selects, normalised: `X-Tenant-ID` → `tenant`. Undefined: none. */
export function ownerWord(name: string): string | undefined {
  if (others.test(name)) return name.toLowerCase()
  const [, ...found] = test.exec(name) ?? []
  const word = found.find((one) => one !== undefined)?.toLowerCase()
  return word?.replace(/^organi[sz]ation$/, 'org').replace(/^application$/, 'app')
}
