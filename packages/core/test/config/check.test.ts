import { join } from 'node:path'
import { expect, test } from 'vitest'
import { checkConfig } from '../../src/config/check.ts'
import { isDustpanError } from '../../src/errors/dustpan-error.ts'

const source = { file: '/p/dustpan.config.ts', root: '/p', environment: { DATABASE_URL: 'postgres://me:s3cret@db/x' } }

function mistake(config: unknown, environment: NodeJS.ProcessEnv = source.environment): string {
  try {
    checkConfig(config, { ...source, environment })
  } catch (error) {
    if (isDustpanError(error) && error.code === 'DUSTPAN_CONFIG_INVALID') return error.message
    throw error
  }
  throw new Error('nothing was wrong')
}

const hook = { name: 'h', url: 'http://localhost/x' }

test.each<[config: unknown, path: string, expected: string, found?: string]>([
  [{ environment: 7 }, 'environment', 'expected string', '7'],
  [{ environment: '' }, 'environment', 'expected string to have >=1 characters', '""'],
  [{ cleanup: 'now' }, 'cleanup', 'expected object', '"now"'],
  [
    { cleanup: { strategy: 'later' } },
    'cleanup.strategy',
    'expected one of "immediate"|"delayed"|"manual"|"conditional"',
    '"later"',
  ],
  [{ cleanup: { onSuccess: 'yes' } }, 'cleanup.onSuccess', 'expected boolean', '"yes"'],
  [{ cleanup: { onFailure: 1 } }, 'cleanup.onFailure', 'expected boolean', '1'],
  [{ cleanup: { autoCleanup: null } }, 'cleanup.autoCleanup', 'expected boolean', 'nothing'],
  [{ cleanup: { keepFor: 'a day' } }, 'cleanup.keepFor', "expected a duration such as '24h'", '"a day"'],
  [{ cleanup: { timeout: -1 } }, 'cleanup.timeout', 'expected a duration', '-1'],
  [{ cleanup: { order: 'random' } }, 'cleanup.order', "expected 'reverse', 'forward' or a list", '"random"'],
  [{ cleanup: { retry: { attempts: 0 } } }, 'cleanup.retry.attempts', 'expected number to be >=1', '0'],
  [{ cleanup: { retry: { attempts: 1.5 } } }, 'cleanup.retry.attempts', 'expected int', '1.5'],
  [{ cleanup: { retry: { delay: 'soon' } } }, 'cleanup.retry.delay', 'expected a duration', '"soon"'],
  [{ cleanup: { retry: { tries: 3 } } }, 'cleanup.retry.tries', 'no such option, expected one of attempts, delay'],
  [{ cleanup: { cascade: 'no' } }, 'cleanup.cascade', 'expected boolean', '"no"'],
  [{ cleanup: { verify: true } }, 'cleanup.verify', 'expected one of "auto"|"read-back"|"none"', 'true'],
  [{ cleanup: { onCleanupFailure: 'throw' } }, 'cleanup.onCleanupFailure', 'expected one of "warn"|"fail"', '"throw"'],
  [{ cleanup: { stratgy: 'manual' } }, 'cleanup.stratgy', 'no such option, expected one of strategy, onSuccess,'],
  [{ cleanup: { when: 'later' } }, 'cleanup.when', 'expected one of "after-test"|"after-file"', '"later"'],
  [{ alerts: { orphans: { moreThan: -1 } } }, 'alerts.orphans.moreThan', 'expected number to be >=0', '-1'],
  [{ alerts: { orphans: { olderThan: 'long' } } }, 'alerts.orphans.olderThan', 'expected a duration', '"long"'],
  [{ alerts: { to: [{ name: 'h' }] } }, 'alerts.to[0]', 'expected either url or run', 'an object'],
  [{ alerts: { webhook: 'x' } }, 'alerts.webhook', 'no such option, expected one of to, onFailure, orphans, fail'],
  [{ cleanup: { hooks: {} } }, 'cleanup.hooks', 'expected array', 'an object'],
  [{ cleanup: { hooks: [{ name: 'h' }] } }, 'cleanup.hooks[0]', 'expected either url or run', 'an object'],
  [{ cleanup: { hooks: [{ ...hook, run: () => 1 }] } }, 'cleanup.hooks[0]', 'expected either url or run', 'an object'],
  [{ cleanup: { hooks: [{ ...hook, name: '' }] } }, 'cleanup.hooks[0].name', 'expected string to have', '""'],
  [
    { cleanup: { hooks: [{ ...hook, url: 'ftp://x/?token=s3cret' }] } },
    'cleanup.hooks[0].url',
    'expected a URL',
    'a string',
  ],
  [{ cleanup: { hooks: [{ name: 'h', run: 's3cret' }] } }, 'cleanup.hooks[0].run', 'expected a function', '"s3cret"'],
  [{ lifetime: 'forever' }, 'lifetime', 'expected one of "test"|"file"|"worker"|"run"|"persistent"', '"forever"'],
  [{ metadata: { headers: 'on' } }, 'metadata.headers', 'expected boolean', '"on"'],
  [
    { metadata: { headerPrefix: 'X Test' } },
    'metadata.headerPrefix',
    'expected the beginning of a header name',
    '"X Test"',
  ],
  [{ metadata: { createdBy: '' } }, 'metadata.createdBy', 'expected string to have', '""'],
  [
    { metadata: { color: 'red' } },
    'metadata.color',
    'no such option, expected one of headers, headerPrefix, createdBy',
  ],
  [{ cleanup: { delay: 'later' } }, 'cleanup.delay', 'expected a duration', '"later"'],
  [{ protect: { youngerThan: 'young' } }, 'protect.youngerThan', 'expected a duration', '"young"'],
  [{ schedule: [{ cron: 'daily' }] }, 'schedule[0].cron', 'expected five fields of cron', '"daily"'],
  [
    { schedule: [{ cron: '0 3 * * *', timezone: 'Mars/Base' }] },
    'schedule[0].timezone',
    "expected a time zone such as 'Europe/Berlin'",
    '"Mars/Base"',
  ],
  [{ schedule: [{ cron: '0 3 * * *', olderThan: 'old' }] }, 'schedule[0].olderThan', 'expected a duration', '"old"'],
  [{ allow: 'shop.test' }, 'allow', 'expected array', '"shop.test"'],
  [{ allow: [''] }, 'allow[0]', 'expected string to have', '""'],
  [{ sameEverywhere: ['localhost'] }, 'sameEverywhere[0]', 'expected a host such as', '"localhost"'],
  [{ profiles: { preview: {} } }, 'profiles.preview', 'expected'],
  [{ profiles: { staging: { database: 'yes' } } }, 'profiles.staging.database', 'expected boolean', '"yes"'],
  [{ profiles: { test: { deletion: 'gentle' } } }, 'profiles.test.deletion', 'expected one of', '"gentle"'],
  [{ cleanup: { backup: 'yes' } }, 'cleanup.backup', 'expected true, false, or { types, omit }', '"yes"'],
  [
    { cleanup: { backup: { omit: ['password'] } } },
    'cleanup.backup.omit[0]',
    "expected a column with its type: 'users.password'",
    '"password"',
  ],
  [{ cleanup: { backup: { only: [] } } }, 'cleanup.backup.only', 'no such option, expected one of types, omit'],
  [{ protect: { types: 'users' } }, 'protect.types', 'expected array', '"users"'],
  [{ protect: { ids: [7] } }, 'protect.ids', 'expected record', 'a list'],
  [{ protect: { ids: { users: [true] } } }, 'protect.ids.users[0]', 'expected an id', 'true'],
  [{ protect: { olderThan: 'old' } }, 'protect.olderThan', 'expected a duration', '"old"'],
  [{ protect: { atMost: -1 } }, 'protect.atMost', 'expected number to be >=0', '-1'],
  [
    { protect: { atLeast: 1 } },
    'protect.atLeast',
    'no such option, expected one of types, ids, olderThan, youngerThan, atMost',
  ],
  [{ access: { url: 'staging.example/s3cret' } }, 'access.url', 'expected a URL', 'a string'],
  [{ access: {} }, 'access.url', 'expected', 'nothing'],
  [{ cleaners: { stripe: 'x' } }, 'cleaners.stripe', 'expected a function', '"x"'],
  [{ drivers: [{ use: 'http' }] }, 'drivers[0].name', 'expected string', 'nothing'],
  [{ drivers: [{ use: 'pg', name: 'my db' }] }, 'drivers[0].name', 'expected letters, digits', '"my db"'],
  [
    { drivers: [{ use: 'pg', name: 'files' }] },
    'drivers[0].name',
    'expected a name other than http, files, cleaners',
    '"files"',
  ],
  [{ drivers: [{ use: 'pg', name: 'a', options: 's3cret' }] }, 'drivers[0].options', 'expected record', 'a string'],
  [
    { drivers: [{ use: 'pg', name: 'a', url: 's3cret' }] },
    'drivers[0].url',
    'no such option, expected one of use, name, options',
  ],
  [{ sourceLines: 'no' }, 'sourceLines', 'expected boolean', '"no"'],
  [{ driver: [] }, 'driver', 'no such option, expected one of environment, cleanup, lifetime'],
  [[], '(top)', 'expected object', 'a list'],
  ['immediate', '(top)', 'expected object', '"immediate"'],
  [() => ({}), '(top)', 'expected object', 'a function'],
])('%j is rejected: path %s, expected, found', (config, path, expected, found) => {
  const message = mistake(config)
  expect(message).toContain(`${path}: `)
  expect(message).toContain(expected)
  if (found === undefined) expect(message).not.toContain('found')
  else expect(message).toContain(`found ${found}`)
  expect(message).toContain('/p/dustpan.config.ts')
})

test('all mistakes are reported in one message', () => {
  const message = mistake({ lifetime: 'x', sourceLines: 1, cleanup: { verify: 2, more: 3 } })
  for (const path of ['lifetime', 'sourceLines', 'cleanup.verify', 'cleanup.more'])
    expect(message).toContain(`${path}: `)
})

test('messages show no secret from the environment, headers, bodies, options or URLs', () => {
  const secret = 's3cret-value'
  const config = {
    environment: { env: 'SECRET', extra: 1 },
    lifetime: { env: 'SECRET' },
    cleanup: {
      verify: 'postgres://me:s3cret-value@db/x',
      hooks: [{ ...hook, headers: { authorization: [secret], 'x-key': 1 }, url: secret }],
    },
    drivers: [{ use: 'pg', name: 'a', options: [secret], password: secret }],
  }
  const message = mistake(config, { SECRET: secret })
  expect(message).not.toContain(secret)
  expect(message).toContain('lifetime: expected one of')
  expect(message).toContain('found the value of SECRET')
})

test('two drivers with the same name are rejected, with the path of the second', () => {
  const drivers = [
    { use: 'http', name: 'api' },
    { use: 'pg', name: 'main' },
    { use: 'http', name: 'api' },
  ]
  expect(mistake({ drivers })).toBe('drivers[2].name in /p/dustpan.config.ts: "api" is used twice.')
})

test('DUSTPAN_KEEP accepts failed, all or none', () => {
  expect(mistake({}, { DUSTPAN_KEEP: 'some' })).toBe('DUSTPAN_KEEP is "some"; expected failed, all or none.')
  expect(checkConfig({}, { ...source, environment: { DUSTPAN_KEEP: '' } }).keep).toBeUndefined()
})

test('unset env() variables throw one DUSTPAN_ENV_MISSING with all their paths', () => {
  const drivers = [{ use: 'pg', name: 'a', options: { url: { env: 'NO_URL' }, list: [{ env: 'NO_ITEM' }] } }]
  expect(() => checkConfig({ drivers, environment: { env: 'NO_ENV' } }, source)).toThrow(
    expect.objectContaining({
      code: 'DUSTPAN_ENV_MISSING',
      message: expect.stringMatching(
        /drivers\[0\]\.options\.url \(NO_URL\), drivers\[0\]\.options\.list\[0\] \(NO_ITEM\), environment \(NO_ENV\)/,
      ),
    }),
  )
})

test('env() yields the variable’s value, or its default', () => {
  const options = { url: { env: 'DATABASE_URL' }, schema: { env: 'SCHEMA', default: 'public' } }
  const { drivers } = checkConfig({ drivers: [{ use: 'pg', name: 'a', options }] }, source)
  expect(drivers[0]?.options).toEqual({ url: 'postgres://me:s3cret@db/x', schema: 'public' })
})

test('every setting has a default without a configuration', () => {
  const settings = checkConfig(undefined, { root: '/p', environment: {} })
  expect(settings).toEqual({
    root: '/p',
    dir: join('/p', '.dustpan'),
    environment: 'local',
    environmentName: 'local',
    profile: {
      ...{ remove: true, deletion: 'configured', database: true },
      ...{ byPredicate: 'confirmed', reset: false, limit: 10_000 },
    },
    protect: { types: [], ids: {}, youngerThanMs: 3_600_000 },
    schedule: [],
    cleanup: {
      ...{
        strategy: 'immediate',
        onSuccess: true,
        onFailure: false,
        delayMs: 3_600_000,
        when: 'after-test',
        autoCleanup: true,
        keepForMs: 86_400_000,
        maxAgeMs: 3_600_000,
      },
      ...{
        order: 'reverse',
        attempts: 3,
        retryDelayMs: 1000,
        timeoutMs: 30_000,
        interruptTimeoutMs: 5000,
        cascade: true,
      },
      ...{ verify: 'auto', atomic: false, onCleanupFailure: 'warn', hooks: [] },
    },
    disabled: false,
    lifetime: 'test',
    metadata: {
      ...{ headers: true, headerPrefix: 'X-Test-', cookie: false, createdBy: 'dustpan' },
      columns: { run: 'test_run_id', createdByTest: 'created_by_test', createdAt: 'test_created_at' },
      marks: { tags: ['test-data'], isTest: true },
    },
    allow: [],
    sameEverywhere: [],
    cleaners: [],
    drivers: ['http', 'files', 'cleaners'].map((use) => ({ use, name: use, options: {} })),
    reaper: true,
    shadow: false,
    sourceLines: true,
  })
})

test('environment variables override the configuration', () => {
  const environment = {
    DUSTPAN_ENVIRONMENT: 'staging',
    DUSTPAN_DIR: '/ledger',
    DUSTPAN_DISABLED: '1',
    DUSTPAN_KEEP: 'all',
  }
  const settings = checkConfig({ environment: 'test' }, { root: '/p', environment })
  expect(settings).toMatchObject({ environment: 'staging', dir: '/ledger', disabled: true, keep: 'all' })
})

test.each([
  [{}, {}, false],
  [{ shadow: true }, {}, true],
  [{}, { DUSTPAN_SHADOW: '1' }, true],
  [{ shadow: true }, { DUSTPAN_SHADOW: '0' }, false],
  [{ environment: 'staging' as const }, {}, false],
  [{ environment: 'production' as const }, {}, true],
  [{}, { DUSTPAN_ENVIRONMENT: 'qa-7' }, true],
  [{ environment: 'production' as const, shadow: false }, {}, false],
  [{ environment: 'production' as const }, { DUSTPAN_SHADOW: '0' }, false],
  [{ environment: 'production' as const, profiles: { production: { remove: true } } }, {}, false],
])('shadow mode of %j with %j: %s', (config, environment, expected) => {
  expect(checkConfig(config, { root: '/p', environment }).shadow).toBe(expected)
})

test('DUSTPAN_DISABLED accepts 1 or 0', () => {
  expect(mistake({}, { DUSTPAN_DISABLED: 'true' })).toBe('DUSTPAN_DISABLED is "true"; expected 1 or 0.')
  for (const [value, disabled] of [
    ['1', true],
    ['0', false],
    ['', false],
  ] as const)
    expect(checkConfig({}, { ...source, environment: { DUSTPAN_DISABLED: value } }).disabled).toBe(disabled)
})

test('$schema is accepted for editors', () => {
  expect(checkConfig({ $schema: './dustpan.schema.json', lifetime: 'run' }, source).lifetime).toBe('run')
  expect(mistake({ $schemas: '' })).toContain('$schemas: no such option, expected one of environment')
})

test('DUSTPAN_SHADOW accepts 1 or 0', () => {
  const environment = { DUSTPAN_SHADOW: 'yes' }
  expect(() => checkConfig({}, { root: '/p', environment })).toThrow('DUSTPAN_SHADOW is "yes"; expected 1 or 0.')
})

test('the module of prepare is resolved from the configuration’s folder', () => {
  expect(checkConfig({ prepare: './data.ts' }, { root: '/p', environment: {} }).prepare).toBe(join('/p', 'data.ts'))
})

test('a relative DUSTPAN_DIR is resolved to an absolute path', () => {
  expect(checkConfig({}, { root: '/p', environment: { DUSTPAN_DIR: 'led' } }).dir).toBe(join(process.cwd(), 'led'))
})

test.each(['prod', 'ci', 'LOCAL'])('the unknown environment %s counts as production', (environment) => {
  expect(checkConfig({ environment }, source)).toMatchObject({
    environment: 'production',
    environmentName: environment,
  })
})

test('a schedule defaults to a name per entry, UTC and olderThan 0', () => {
  const berlin = { cron: '0 3 * * *', timezone: 'Europe/Berlin', olderThan: '24h' }
  expect(checkConfig({ schedule: [berlin, { cron: '30 0 3 * * *' }] }, source).schedule).toEqual([
    { name: 'schedule.0', cron: '0 3 * * *', timezone: 'Europe/Berlin', olderThanMs: 86_400_000 },
    { name: 'schedule.1', cron: '30 0 3 * * *', timezone: 'UTC', olderThanMs: 0 },
  ])
})

test.each([
  'postgres://u:s3cret@p#w0rd@db/x',
  'postgres://u:s3cret#w0rd@db/x',
  'postgres://u:s3cret/w0rd@db/x',
  'postgres://u:s3cret?w0rd@db/x',
  'redis://:s3cret#w0rd@db/3',
  'mongodb://u:s3cret/w0rd@a:1,b:2/x',
])('a password that is not URL-encoded is rejected: %s', (url) => {
  const ledger = mistake({ ledger: { use: '@dustpan/postgres-ledger', options: { url } } })
  expect(ledger).toContain('ledger.options.url')
  const driver = mistake({ drivers: [{ use: '@dustpan/postgres', name: 'db', options: { url } }] })
  expect(driver).toContain('drivers[0].options.url')
  expect(ledger + driver).not.toMatch(/s3cret|w0rd/)
})

test.each([
  'postgres://u:p%40ss%23@db/x',
  'http://localhost:3000/@scope',
  'postgres://u:p@ss@db/x?user=a',
  'mongodb://u:p@a:1,b:2/x',
])('the URL %s is accepted', (url) => {
  const config = { drivers: [{ use: '@dustpan/postgres', name: 'db', options: { url } }] }
  expect(() => checkConfig(config, source)).not.toThrow()
})
