/** Names of headers, parameters and parts of paths that choose one of several owners of the same paths: `X-Tenant-ID`, `?org=b`, `/teams/3`. */

/** With anything after it: `X-Shop-Domain`. */
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

/** With nothing after it but what it is named by: `X-Region`, and not `X-Region-Latency`. */
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

const others = /^(content-profile|x-(?:forwarded|original)-host)$/i

/** What a name chooses, in one spelling: `X-Tenant-ID` → `tenant`. Undefined: nothing. */
export function ownerWord(name: string): string | undefined {
  if (others.test(name)) return name.toLowerCase()
  const [, ...found] = test.exec(name) ?? []
  const word = found.find((one) => one !== undefined)?.toLowerCase()
  return word?.replace(/^organi[sz]ation$/, 'org').replace(/^application$/, 'app')
}
