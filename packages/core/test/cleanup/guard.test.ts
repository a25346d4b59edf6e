import { expect, test } from 'vitest'
import { guardStore, looksLikeProduction } from '../../src/cleanup/guard.ts'
import type { DustpanConfig } from '../../src/config/config.ts'
import { http } from '../../src/config/http.ts'
import { isDustpanError } from '../../src/errors/dustpan-error.ts'
import { settingsOf } from '../settings.ts'

/** The message and hint of a refusal; undefined when it is allowed. */
function refusal(id: string, config: DustpanConfig = {}, environment: NodeJS.ProcessEnv = {}): string | undefined {
  try {
    guardStore(settingsOf(config, environment), { driver: 'http', id })
    return undefined
  } catch (error) {
    if (!isDustpanError(error) || error.code !== 'DUSTPAN_HOST_REFUSED') throw error
    return `${error.message} ${error.hint}`
  }
}

test.each([
  ['production', true],
  ['prod', true],
  ['PROD', true],
  ['prod-db', true],
  ['db-prod', true],
  ['db.prod.internal', true],
  ['app_production', true],
  ['prod1', true],
  ['live', true],
  ['shop-live', true],
  ['prd_shop', true],
  ['x.abc.eu-west-1.rds.amazonaws.com', true],
  ['shop.postgres.database.azure.com', true],
  ['product-api.localhost', false],
  ['reproduction', false],
  ['products', false],
  ['delivery', false],
  ['olive', false],
  ['liverpool', false],
  ['productions', false],
  ['localhost', false],
  ['rds.example.com', false],
])('%s looks like production: %s', (name, expected) => {
  expect(looksLikeProduction(name)).toBe(expected)
})

test.each([
  'http://localhost:3000',
  'http://product-api.localhost:3000',
  'http://127.0.0.1:3000',
  'http://127.9.9.9',
  'http://[::1]:3000',
  'http://0.0.0.0:3000',
  'postgres://localhost:5432/reproduction',
  'postgres://localhost:5432/shop#7350.16384',
  'postgres:///shop',
  'sqlite:/srv/prod/shop.db#1.2.3',
  'file://prod-host',
  'closure',
])('%s is allowed', (id) => {
  expect(refusal(id)).toBeUndefined()
})

test.each([
  ['http://shop.test', 'shop.test: it is not on this machine'],
  ['https://192.168.1.5:8443', '192.168.1.5: it is not on this machine'],
  ['http://localhost.example.com', 'localhost.example.com: it is not on this machine'],
  ['http://127.0.0.1.example.com', '127.0.0.1.example.com: it is not on this machine'],
  ['http://[fe80::1]:3000', 'fe80::1: it is not on this machine'],
  ['postgres://db.rds.amazonaws.com:5432/shop', 'db.rds.amazonaws.com: it is not on this machine'],
  ['postgres://one,two:5432/shop', 'one,two: it is not on this machine'],
  ['http://prod-db.localhost', 'prod-db.localhost: it looks like production'],
  ['postgres://localhost:5432/app_production#1.2', 'app_production: it looks like production'],
  ['postgres://localhost:5432/shop%2Fprod', 'shop/prod: it looks like production'],
  ['postgres://localhost:5432/%E0%A4%A', undefined],
])('%s is refused: %s', (id, said) => {
  if (said === undefined) expect(refusal(id)).toBeUndefined()
  else expect(refusal(id)).toContain(said)
})

test('the refusal names the setting, the value and how to allow it', () => {
  expect(refusal('postgres://staging.example.com:5432/shop')).toBe(
    'Nothing is removed from staging.example.com: it is not on this machine, and the setting `allow` does not name it. ' +
      'If tests may delete there, add it to the configuration: allow: ["staging.example.com"].',
  )
})

test('allow names hosts and databases, exactly', () => {
  expect(refusal('http://shop.test', { allow: ['shop.test'] })).toBeUndefined()
  expect(refusal('http://shop.test', { allow: ['SHOP.test'] })).toBeUndefined()
  expect(refusal('http://a.shop.test', { allow: ['shop.test'] })).toBeDefined()
  expect(refusal('postgres://localhost/app_prod', { allow: ['app_prod'] })).toBeUndefined()
  expect(refusal('postgres://db.prod.internal/app_prod', { allow: ['db.prod.internal'] })).toContain('app_prod')
  expect(refusal('postgres://db.prod.internal/app_prod', { allow: ['db.prod.internal', 'app_prod'] })).toBeUndefined()
})

test('an origin that http() names in full is allowed, unless it looks like production', () => {
  const drivers = [
    http({ origins: ['https://staging.example.com', 'https://prod.example.com', 'https://*.shop.test'] }),
  ]
  expect(refusal('https://staging.example.com', { drivers })).toBeUndefined()
  expect(refusal('https://a.shop.test', { drivers })).toContain('is not on this machine')
  expect(refusal('https://prod.example.com', { drivers })).toContain('looks like production')
})

test.each(['production', 'prod', 'preview', 'Local'])(
  'in the environment %s nothing is allowed, by whatever name',
  (environment) => {
    for (const id of ['http://localhost:3000', 'sqlite:/tmp/x#1.2.3', 'file://here', 'closure'])
      expect(refusal(id, { allow: ['localhost'] }, { DUSTPAN_ENVIRONMENT: environment })).toContain('`environment`')
    const said = refusal('http://localhost', {}, { DUSTPAN_ENVIRONMENT: environment })
    expect(said).toContain(JSON.stringify(environment))
    expect(said?.includes('no known name')).toBe(environment !== 'production')
  },
)

test('a refusal shows no secret', () => {
  const said = refusal('http://user:pa55word@localhost', {}, { DUSTPAN_ENVIRONMENT: 'production' })
  expect(said).not.toContain('pa55word')
})
