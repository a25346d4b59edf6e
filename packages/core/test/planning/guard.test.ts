import { expect, test } from 'vitest'
import type { DustpanConfig } from '../../src/config/config.ts'
import { http } from '../../src/config/http.ts'
import { type DustpanError, isDustpanError } from '../../src/errors/dustpan-error.ts'
import { guardRemoval, guardStore } from '../../src/planning/guard.ts'
import { looksLikeProduction } from '../../src/planning/looks-like-production.ts'
import { settingsOf } from '../settings.ts'

/** Returns undefined when the call is allowed. */
function errorOf(call: () => void): DustpanError | undefined {
  try {
    call()
    return undefined
  } catch (error) {
    if (isDustpanError(error)) return error
    throw error
  }
}

/** Returns message and hint of a refusal, or undefined when it is allowed. */
function refusal(id: string, config: DustpanConfig = {}): string | undefined {
  const error = errorOf(() => guardStore(settingsOf(config), { driver: 'main', id }))
  if (error) expect(error.code).toBe('DUSTPAN_HOST_REFUSED')
  return error && `${error.message} ${error.hint}`
}

const productionNames = [
  ...['production', 'prod', 'PROD', 'prd', 'live', 'Live'],
  // Parts of a name, with separators
  ...[
    'prod-db',
    'db-prod',
    'app_production',
    'db.prod.internal',
    'prod1',
    '1prod',
    'eu1-prod-2',
    'shop live',
    'prd_shop',
  ],
  // Parts of a name, without separators
  ...['shopProd', 'ProdShop', 'proddb', 'ProductionDB', 'livedb', 'shopprod', 'shopproduction', 'prodapi', 'dbprd-prd'],
  // Pre-production often holds copies of people's data
  ...['preprod', 'pre-prod', 'preproduction', 'pre-production', 'nonprod-and-prod'],
  // Full-width letters, and other scripts
  ...['ｐｒｏｄ', 'bücher-prod', 'прод-prod'],
  // Managed databases
  'shop.abc.eu-west-1.rds.amazonaws.com',
  'SHOP.abc.eu-west-1.RDS.amazonaws.com.',
  'shop.abc.cn-north-1.rds.amazonaws.com.cn',
  'proxy-1.proxy-abc.eu-west-1.rds.amazonaws.com',
  'shop.cluster-abc.eu-west-1.docdb.amazonaws.com',
  'shop.abc.0001.euw1.cache.amazonaws.com',
  'id.dsql.eu-west-1.on.aws',
  'shop.postgres.database.azure.com',
  'shop.mysql.database.azure.com',
  'shop.database.windows.net',
  'shop.mongo.cosmos.azure.com',
  'abc.europe-west1.sql.goog',
  '/cloudsql/project:europe-west1:shop',
  'ep-cool-1.eu-central-1.aws.neon.tech',
  'db.abcdefgh.supabase.co',
  'aws-0-eu-central-1.pooler.supabase.com',
  'aws.connect.psdb.cloud',
  'shop.abc12.mongodb.net',
  'redis-1.c1.eu-west-1-1.ec2.redislabs.com',
  'shop-db-do-user-1.db.ondigitalocean.com',
  'dpg-abc-a.oregon-postgres.render.com',
  'shop-abc.aivencloud.com',
  'abc.eu-west-1.aws.clickhouse.cloud',
]

const otherNames = [
  ...['product-api.localhost', 'products', 'product', 'productivity', 'productions', 'produce', 'prodigy'],
  ...['reproduction', 'co_reproduction', 'coproduction', 'overproduction'],
  ...['alive', 'olive', 'delivery', 'deliver', 'liverpool', 'lively', 'relive', 'livestock', 'lives'],
  ...['nonprod', 'non-prod', 'non_production', 'not-prod', 'nonproduction'],
  ...['staging', 'test', 'localhost', 'app_test', 'shop', 'prdx', ''],
  // Similar to the host of a managed service
  ...[
    'rds.example.com',
    'rds.amazonaws.com.example.com',
    'xrds.amazonaws.community',
    'neon.technology',
    'mongodb.net.local',
  ],
]

test.each(productionNames)('%s looks like production', (name) => {
  expect(looksLikeProduction(name)).toBe(true)
})

test.each(otherNames)('%s does not look like production', (name) => {
  expect(looksLikeProduction(name)).toBe(false)
})

test.each([
  'http://localhost:3000',
  'http://localhost.:3000',
  'http://product-api.localhost:3000',
  'http://127.0.0.1:3000',
  'http://127.9.9.9',
  'http://2130706433',
  'http://[::1]:3000',
  'http://[0:0:0:0:0:0:0:1]:3000',
  'http://[::ffff:127.0.0.1]:3000',
  'http://[::1%25lo]:3000',
  'http://[::]:3000',
  'http://0.0.0.0:3000',
  'postgres://localhost:5432/reproduction',
  'postgres://localhost:5432/shop#7350.16384',
  // A forwarded port looks like this machine: only the names behind it are checked
  'postgres://localhost:15432/shop',
  'postgres://tester:pw@localhost/shop',
  'postgres:///shop',
  'postgres:///shop?host=/var/run/postgresql',
  'postgres://%2Fvar%2Frun%2Fpostgresql/shop',
  'postgres://localhost:5432,127.0.0.1:5433/shop',
  'jdbc:postgresql://localhost/shop',
  'postgres://localhost:5432/%E0%A4%A',
  // Folders above the project are not checked
  'sqlite:/project/data/shop.db#1.2.3',
  'sqlite:/home/me/live-coding/shop.db#1.2.3|/home/me/live-coding',
  'sqlite::memory:#1',
  'file://prod-host',
  'closure',
])('%s is allowed', (given) => {
  const [id = '', root] = given.split('|')
  const settings = settingsOf({}, {}, root)
  expect(errorOf(() => guardStore(settings, { driver: 'main', id }))).toBeUndefined()
})

test.each([
  ['http://shop.test', 'shop.test: it is not on this machine'],
  ['https://192.168.1.5:8443', '192.168.1.5: it is not on this machine'],
  ['http://host.docker.internal:3000', 'host.docker.internal: it is not on this machine'],
  ['http://localhost.example.com', 'localhost.example.com: it is not on this machine'],
  ['http://127.0.0.1.example.com', '127.0.0.1.example.com: it is not on this machine'],
  ['http://127.0.0.256', '127.0.0.256: it is not on this machine'],
  ['http://[fe80::1]:3000', 'fe80::1: it is not on this machine'],
  ['http://[::ffff:10.0.0.1]', '::ffff:10.0.0.1: it is not on this machine'],
  ['http://xn--bcher-kva.example', 'bücher.example: it is not on this machine'],
  ['http://bücher.localhost.evil', 'bücher.localhost.evil: it is not on this machine'],
  ['postgres://db.rds.amazonaws.com:5432/shop', 'db.rds.amazonaws.com: it is not on this machine'],
  ['postgres://one,two:5432/shop', 'one: it is not on this machine'],
  ['postgres://localhost:5432,db.example:5432/shop', 'db.example: it is not on this machine'],
  ['postgres://localhost/shop?host=db.example', 'db.example: it is not on this machine'],
  ['postgres://localhost/shop?hostaddr=10.0.0.1', '10.0.0.1: it is not on this machine'],
  ['postgres:///shop?host=/cloudsql/p:europe-west1:shop', '/cloudsql/p:europe-west1:shop: it is not on this machine'],
  ['postgres://%2Fcloudsql%2Fp%3Aeu%3Ashop:5432/shop', '/cloudsql/p:eu:shop: it is not on this machine'],
  ['http://prod-db.localhost', 'prod-db.localhost: it looks like production'],
  ['http://xn--bcher-prod-9db.localhost', 'bücher-prod.localhost: it looks like production'],
  ['postgres:///shop?host=/var/run/prod-postgres', '/var/run/prod-postgres: it looks like production'],
  ['postgres://localhost:5432/app_production#1.2', 'app_production: it looks like production'],
  ['postgres://localhost:5432/shop%2Fprod', 'shop/prod: it looks like production'],
  ['postgres://localhost/shop?dbname=app_prod', 'app_prod: it looks like production'],
  ['postgres://prod_admin:pw@localhost/shop', 'prod_admin: it looks like production'],
  ['postgres://prod%5Fadmin@localhost/shop', 'prod_admin: it looks like production'],
  ['postgres://localhost/shop?user=shop_live', 'shop_live: it looks like production'],
  ['mongodb://localhost:27017,localhost:27018/shop_prod', 'shop_prod: it looks like production'],
  ['jdbc:postgresql://localhost/shop_prod', 'shop_prod: it looks like production'],
  ['sqlite:/srv/production/shop.db#1.2.3', '/srv/production/shop.db: it looks like production'],
  ['sqlite:/project/db/production.sqlite3#1.2.3', 'db/production.sqlite3: it looks like production'],
])('%s is refused: %s', (id, message) => {
  expect(refusal(id)).toContain(message)
})

test('the URL in the driver’s options is checked too', () => {
  const drivers = [{ use: 'x', name: 'main', options: { url: 'postgres://prod_admin:pw@localhost/shop' } }]
  expect(refusal('postgres://localhost:5432/shop#1.2', { drivers })).toContain('prod_admin: it looks like production')
  expect(refusal('postgres://localhost:5432/shop#1.2', { drivers, allow: ['prod_admin'] })).toBeUndefined()
})

test('a refusal names the host, the setting and how to allow it', () => {
  expect(refusal('postgres://staging.example.com:5432/shop')).toBe(
    'Nothing is removed from staging.example.com: it is not on this machine, and the setting `allow` does not name it. ' +
      'If tests may delete there, add it to the configuration: allow: ["staging.example.com"].',
  )
})

test('allow names hosts, databases, users and files, exactly', () => {
  expect(refusal('http://shop.test', { allow: ['shop.test'] })).toBeUndefined()
  expect(refusal('http://shop.test', { allow: ['SHOP.test'] })).toBeUndefined()
  expect(refusal('http://a.shop.test', { allow: ['shop.test'] })).toBeDefined()
  expect(refusal('http://shop.test', { allow: ['shop'] })).toBeDefined()
  expect(refusal('postgres://one,two:5432/shop', { allow: ['one'] })).toContain('from two: it is not on this machine')
  expect(refusal('postgres://localhost/app_prod', { allow: ['app_prod'] })).toBeUndefined()
  expect(refusal('postgres://db.prod.internal/app_prod', { allow: ['db.prod.internal'] })).toContain('app_prod')
  expect(refusal('postgres://db.prod.internal/app_prod', { allow: ['db.prod.internal', 'app_prod'] })).toBeUndefined()
  expect(refusal('sqlite:/srv/live/a.db#1.2.3', { allow: ['/srv/live/a.db'] })).toBeUndefined()
})

test('an origin that http() names in full is allowed, unless it looks like production', () => {
  const drivers = [
    http({ name: 'main', origins: ['https://staging.example.com', 'https://prod.example.com', 'https://*.shop.test'] }),
  ]
  expect(refusal('https://staging.example.com', { drivers })).toBeUndefined()
  expect(refusal('https://a.shop.test', { drivers })).toContain('is not on this machine')
  expect(refusal('https://prod.example.com', { drivers })).toContain('looks like production')
})

test.each([
  ['http://VM.test:4777/', 'http://vm.test:4777'],
  ['https://Vm.Test:443', 'https://vm.test'],
])('an origin may be written as %s', (origin, store) => {
  expect(refusal(store, { drivers: [http({ name: 'main', origins: ['*://*.other.test', origin] })] })).toBeUndefined()
  expect(refusal('https://else.test', { drivers: [http({ name: 'main', origins: [origin] })] })).toBeDefined()
})

test('a refusal shows no secret', () => {
  const message = refusal('postgres://user:pa55word@prod-db.localhost/shop?password=pa55word')
  expect(message).toContain('prod-db.localhost')
  expect(message).not.toContain('pa55word')
})

const elsewhere = 'postgres://db.example:5432/shop'
const here = 'postgres://localhost:5432/shop'

/** Order of refusals: the address, then shadow mode, then the profile. */
test.each([
  ['local', here, 'allowed'],
  ['local', elsewhere, 'DUSTPAN_HOST_REFUSED'],
  ['test', here, 'allowed'],
  ['staging', here, 'DUSTPAN_PROFILE_REFUSED'],
  ['staging', elsewhere, 'DUSTPAN_HOST_REFUSED'],
  ['production', here, 'DUSTPAN_SHADOW'],
  ['production', elsewhere, 'DUSTPAN_HOST_REFUSED'],
  ['preview', here, 'DUSTPAN_SHADOW'],
  ['production, no shadow', here, 'DUSTPAN_PROFILE_REFUSED'],
  ['staging, shadow', here, 'DUSTPAN_SHADOW'],
  ['local, shadow', here, 'DUSTPAN_SHADOW'],
  ['local, shadow', elsewhere, 'DUSTPAN_HOST_REFUSED'],
])('removal in %s from %s: %s', (where, id, expected) => {
  const [environment, shadow] = where.split(', ')
  const config = shadow === undefined ? {} : { shadow: shadow === 'shadow' }
  const settings = settingsOf(config, { DUSTPAN_ENVIRONMENT: environment })
  const error = errorOf(() => guardRemoval(settings, { driver: 'main', id }, { database: true }))
  expect(error?.code ?? 'allowed').toBe(expected)
})
