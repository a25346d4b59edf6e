/** Recognises production by the names of hosts, databases, users and files. */

export function looksLikeProduction(name: string): boolean {
  const text = name.normalize('NFKC')
  return isManaged(text) || (mayBe.test(text) && wordsOf(text).some(isProductionWord))
}

/** A quick test that rules out most names. */
const mayBe = /prod|prd|live/i

/** Splits a name into runs of letters; `shopProd` is two words. Phrases such as `non-prod` are left out. */
function wordsOf(text: string): readonly string[] {
  return text
    .replace(/(?<!\p{L})(?:non|not)[-_. ]prod(?:uction)?(?!\p{L})/giu, '')
    .replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
    .toLowerCase()
    .split(/\P{L}+/u)
}

/** `prod`, `dbprod`, `proddb`, but not `product` or `reproduction`. Pre-production counts: it often holds copies of real users' data. */
function isProductionWord(word: string): boolean {
  if (otherWords.has(word)) return false
  return /^(?:live|.*prod|.*production|prd)$/.test(word) || compound.test(word)
}

const otherWords: ReadonlySet<string> = new Set([
  'reproduction',
  'coproduction',
  'overproduction',
  'underproduction',
  'postproduction',
  'nonprod',
  'nonproduction',
  'notprod',
])

const compound =
  /^(?:prod|production|prd|live)(?:db|database|data|sql|pg|postgres|mysql|mongo|redis|cluster|server|srv|host|api|app|web|env|eu|us)$/

/** Managed services are rarely set up for tests alone. */
function isManaged(host: string): boolean {
  const name = host.toLowerCase().replace(/\.$/, '')
  return name.includes('/cloudsql/') || managedDomains.some((domain) => name.endsWith(domain))
}

const managedDomains: readonly string[] = [
  ...['.rds.amazonaws.com', '.rds.amazonaws.com.cn', '.docdb.amazonaws.com', '.cache.amazonaws.com', '.on.aws'],
  ...['.redshift.amazonaws.com', '.redshift-serverless.amazonaws.com', '.neptune.amazonaws.com'],
  ...['.database.azure.com', '.database.windows.net', '.documents.azure.com', '.cosmos.azure.com'],
  ...[
    '.redis.cache.windows.net',
    '.sql.goog',
    '.cloudsql.google.com',
    '.oraclecloud.com',
    '.databases.appdomain.cloud',
  ],
  ...['.neon.tech', '.supabase.co', '.supabase.com', '.psdb.cloud', '.planetscale.com', '.cockroachlabs.cloud'],
  ...['.mongodb.net', '.redislabs.com', '.redis-cloud.com', '.upstash.io', '.aivencloud.com', '.timescale.com'],
  ...['.db.ondigitalocean.com', '-postgres.render.com', '.rlwy.net', '.postgresbridge.com', '.tidbcloud.com'],
  ...['.clickhouse.cloud', '.confluent.cloud', '.turso.io', '.db.prisma.io', '.scw.cloud'],
]
