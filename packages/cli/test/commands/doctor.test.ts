import { once as onceEvent } from 'node:events'
import { appendFileSync, chmodSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { once, requireServer, type Server } from '@dustpan/conformance/servers'
import { describeOn } from '@dustpan/conformance/servers/describe-on'
import { track } from '@dustpan/core'
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { dustpan, spawnDustpan } from '../dustpan.ts'
import { openProject, type Project } from '../project.ts'

let server: Server
beforeAll(async () => {
  server = await requireServer('postgres')
})
afterAll(() => server[Symbol.asyncDispose]())

const packages = join(import.meta.dirname, '../../..')

/** A project with Vitest set up, and these packages of Dustpan in node_modules. */
function shop(config: object, ours: readonly string[] = ['core', 'vitest-plugin', 'drivers/postgres']): Project {
  vi.stubEnv('DUSTPAN_REAPER', '1')
  onTestFinished(() => void vi.unstubAllEnvs())
  const project = openProject(config)
  mkdirSync(join(project.folder, 'node_modules', '@dustpan'), { recursive: true })
  for (const path of ours)
    symlinkSync(
      join(packages, path),
      join(project.folder, 'node_modules', '@dustpan', path.split('/').at(-1) as string),
    )
  symlinkSync(join(packages, '../node_modules/vitest'), join(project.folder, 'node_modules/vitest'))
  writeFileSync(join(project.folder, 'package.json'), '{ "type": "module", "devDependencies": { "vitest": "^5" } }')
  const plugin = `import { dustpan } from '@dustpan/vitest-plugin'\nexport default { plugins: [dustpan()] }\n`
  writeFileSync(join(project.folder, 'vitest.config.js'), plugin)
  return project
}

const main = (url: string, options: object = {}) => ({
  drivers: [{ use: '@dustpan/postgres', name: 'main', options: { url, ...options } }],
})

const lines = (out: string, subject: string) => out.split('\n').filter((line) => line.slice(2).startsWith(subject))

test('a project without problems gets one line for each check and exit code 0, and is not changed', async () => {
  using project = shop(main(await server.database('CREATE TABLE users (id serial PRIMARY KEY)')))
  await project.run({ adds: { verdict: 'passed', create: () => track({ type: 'file', id: project.file('a.txt') }) } })
  const files = () => [project.folder, project.ledger].flatMap((folder) => readdirSync(folder))
  const before = files()
  const { code, out, err } = await dustpan(project.folder, ['doctor'])
  expect({ code, err }).toEqual({ code: 0, err: '' })
  for (const line of [
    /^✓ Node +\d+\.\d+\.\d+$/m,
    /^✓ Packages +@dustpan \d+\.\d+\.\d+: core, postgres, vitest-plugin$/m,
    /^✓ Configuration +dustpan\.config\.json$/m,
    /^✓ Environment +local: removes, also directly from databases$/m,
    /^✓ Vitest +\d.*, in vitest\.config\.js$/m,
    /^✓ Ledger +\.dustpan, 1 run, \d+ kB$/m,
    /^✓ Reaper +armed/m,
    /^✓ Driver main +postgres:\/\/.*, PostgreSQL \d+\.\d+, clock [+−]\d+ ms$/m,
    /^No problems found\.$/m,
  ])
    expect(out).toMatch(line)
  expect(files()).toEqual(before)
})

test('every problem is reported with its fix, none hides another, and the exit code is 1', async () => {
  using project = shop({ environment: 'lokal', ...main('postgres://tester:hunter2@127.0.0.1:9/shop') }, [
    'core',
    'drivers/postgres',
  ])
  writeFileSync(join(project.folder, 'vitest.config.js'), 'export default {}\n')
  const { code, out } = await dustpan(project.folder, ['doctor'])
  expect(code).toBe(1)
  expect(out).toContain('! Environment    unknown environment "lokal", treated as production: removes nothing')
  expect(out).toMatch(/✗ Vitest +@dustpan\/vitest-plugin is not installed/)
  expect(out).toContain('    npm install --save-dev @dustpan/vitest-plugin\n')
  expect(out).toMatch(/✗ Driver main +Nothing is removed directly from the database postgres:/)
  expect(out).toContain('2 problems, 1 warning.')
  expect(out).not.toContain('hunter2')
})

test('shadow mode is reported with the environment', async () => {
  using project = openProject({ shadow: true })
  const { out } = await dustpan(project.folder, ['doctor'])
  expect(out).toContain('! Environment    local: shadow mode, removes nothing')
})

test('an unreachable server is reported, and the password in its URL is not', async () => {
  using project = shop(main('postgres://tester:hunter2@127.0.0.1:9/shop'))
  const { code, out } = await dustpan(project.folder, ['doctor', '--json'])
  expect(code).toBe(1)
  expect(JSON.parse(out).checks.at(-1)).toMatchObject({
    state: 'wrong',
    subject: 'Driver main',
    message: expect.stringContaining('could not be reached'),
    fix: expect.stringContaining('Start the server'),
  })
  expect(out).not.toContain('hunter2')
})

test('a server that accepts the connection and does not answer is reported after --timeout', async () => {
  const silent = createServer(() => {}).listen(0, '127.0.0.1')
  await onceEvent(silent, 'listening')
  onTestFinished(() => void silent.close())
  const { port } = silent.address() as { port: number }
  using project = shop(main(`postgres://tester@127.0.0.1:${port}/shop`))
  const { exitCode, stdout } = await spawnDustpan(project.folder, ['doctor', '--timeout', '3s'])
  expect([exitCode, lines(stdout, 'Driver main')[0]]).toEqual([1, expect.stringContaining('no answer within 3 s')])
})

test('a driver without an address is fine or a warning depending on the store; a missing file is a warning', async () => {
  const named = (name: string, use: string, options: object) => ({ name, use: `@dustpan/${use}`, options })
  const drivers = [
    named('any', 'sqlite', {}),
    named('none', 'sqlite', { file: 'none.db' }),
    named('bus', 'kafka', {}),
    named('main', 'postgres', {}),
  ]
  using project = shop({ drivers }, [
    'core',
    'vitest-plugin',
    ...['sqlite', 'kafka', 'postgres'].map((name) => `drivers/${name}`),
  ])
  const { code, out } = await dustpan(project.folder, ['doctor'])
  expect(code).toBe(0)
  expect(out).toContain('✓ Driver any     every database that tests open with node:sqlite or better-sqlite3\n')
  expect(out).toContain('! Driver none    the file none.db does not exist\n')
  expect(out).toContain('✓ Driver bus     every broker on this machine\n')
  expect(out).toContain('! Driver main    no address: leftovers of killed tests cannot be removed\n')
})

test('an invalid configuration is reported, and checks that do not need it still run', async () => {
  using project = shop({ cleanup: { strategy: 'never' } })
  const { code, out } = await dustpan(project.folder, ['doctor'])
  expect([code, lines(out, 'Configuration')[0]]).toEqual([1, expect.stringContaining('cleanup.strategy')])
  expect(out).toMatch(/✓ Vitest/)
})

test('a reaper that cannot be armed is a problem, and one that is switched off a warning', async () => {
  using project = shop({ drivers: [{ use: '@dustpan/nowhere', name: 'main', options: {} }] })
  const armed = await dustpan(project.folder, ['doctor'])
  expect(lines(armed.out, 'Reaper')[0]).toMatch(
    /^✗ Reaper +not armed: The driver "@dustpan\/nowhere" could not be loaded/,
  )
  vi.stubEnv('DUSTPAN_REAPER', '0')
  expect(lines((await dustpan(project.folder, ['doctor'])).out, 'Reaper')[0]).toMatch(/^! Reaper +switched off/)
})

test('mixed versions of Dustpan packages and an unsupported client version are reported', async () => {
  using project = shop({ drivers: [] }, ['core', 'drivers/postgres'])
  const fake = (name: string, manifest: object) => {
    mkdirSync(join(project.folder, 'node_modules', name), { recursive: true })
    writeFileSync(join(project.folder, 'node_modules', name, 'package.json'), JSON.stringify({ name, ...manifest }))
  }
  fake('@dustpan/mocha-plugin', { version: '0.0.9' })
  fake('pg', { version: '7.18.2' })
  writeFileSync(
    join(project.folder, 'package.json'),
    '{ "packageManager": "pnpm@12.0.0", "dependencies": { "pg": "^7" } }',
  )
  const { out } = await dustpan(project.folder, ['doctor'])
  expect(lines(out, 'Packages')[0]).toMatch(
    /^✗ Packages +several versions of @dustpan are installed: .*0\.0\.9 \(mocha-plugin\)/,
  )
  expect(lines(out, 'pg')[0]).toMatch(/^! pg +7\.18\.2 is installed, but @dustpan\/postgres supports \^8/)
  expect(out).toContain('    pnpm add --save-dev pg@"^8.11.0"\n')
})

test('unreadable lines of the ledger are counted, with their file', async () => {
  using project = shop({ drivers: [] })
  const run = await project.run({
    adds: { verdict: 'failed', create: () => track({ type: 'file', id: project.file('a') }) },
  })
  const folder = join(project.ledger, 'runs', run)
  const journal = readdirSync(folder).find((name) => name.endsWith('.jsonl')) as string
  appendFileSync(join(folder, journal), '{"torn":\n')
  const { out } = await dustpan(project.folder, ['doctor'])
  expect(out).toContain(`! Ledger         1 unreadable line in runs/${run}/${journal}`)
})

test('a ledger that this user cannot write to is a problem', async () => {
  using project = shop({ drivers: [] })
  chmodSync(project.folder, 0o755)
  const { exitCode, stdout } = await spawnDustpan(project.folder, ['doctor'], { uid: 65_534 })
  expect([exitCode, lines(stdout, 'Ledger')[0]]).toEqual([
    1,
    `✗ Ledger         this user cannot write to ${project.folder}`,
  ])
})

test('missing DELETE privileges and a large table without an index on its foreign key are reported', async () => {
  const url =
    await server.database(`CREATE TABLE users (id int PRIMARY KEY); CREATE TABLE orders (id int PRIMARY KEY, user_id int REFERENCES users);
    CREATE TABLE logins (user_id int REFERENCES users); CREATE INDEX ON logins (user_id);
    INSERT INTO users SELECT generate_series(1, 6000); INSERT INTO orders SELECT id, id FROM users; INSERT INTO logins SELECT id FROM users; ANALYZE`)
  using project = shop(main((await server.readOnly?.(url)) as string))
  const { code, out } = await dustpan(project.folder, ['doctor'])
  expect(code).toBe(0)
  expect(out).toMatch(/! Driver main +\S+ may not read and delete rows of logins, orders, users/)
  expect(out).toMatch(/\n {4}GRANT SELECT, DELETE ON logins, orders, users TO \S+\n/)
  expect(out).toContain('    CREATE INDEX ON orders (user_id)\n')
  expect(out).not.toContain('CREATE INDEX ON logins')
})

test('a configured log of application rows that is not installed is a problem', async () => {
  using project = shop(main(await server.database('CREATE TABLE users (id serial PRIMARY KEY)'), { application: true }))
  const missing = await dustpan(project.folder, ['doctor'])
  expect([missing.code, missing.out]).toEqual([1, expect.stringContaining('    npx dustpan db install\n')])
  await dustpan(project.folder, ['db', 'install', '--yes'])
  const { code, out } = await dustpan(project.folder, ['doctor'])
  expect([code, lines(out, 'Driver main')[1]]).toEqual([
    0,
    expect.stringMatching(/logs what the application writes to 1 table/),
  ])
})

test('without a package.json doctor fails with DUSTPAN_NO_PROJECT', async () => {
  expect(await dustpan('/', ['doctor'])).toMatchObject({ code: 2, err: expect.stringContaining('DUSTPAN_NO_PROJECT') })
})

describeOn('mariadb', 'on MariaDB', (mariadb) => {
  test('a user without the PROCESS privilege gets a warning with the GRANT statement', async () => {
    const url = await mariadb.database('CREATE TABLE users (id int PRIMARY KEY)')
    const of = async (address: string) => {
      using project = shop({ drivers: [{ use: '@dustpan/mysql', name: 'main', options: { url: address } }] }, [
        'core',
        'vitest-plugin',
        'drivers/mysql',
      ])
      symlinkSync(join(packages, 'drivers/mysql/node_modules/mysql2'), join(project.folder, 'node_modules/mysql2'))
      return (await dustpan(project.folder, ['doctor'])).out
    }
    expect(await of(url)).toMatch(/✓ Driver main +mysql:\/\/.*, MariaDB [\d.]+, clock/)
    const out = await of((await mariadb.readOnly?.(url)) as string)
    expect(out).toMatch(/! Driver main +\S+ has not the privilege PROCESS/)
    expect(out).toMatch(/\n {4}GRANT PROCESS ON \*\.\* TO '.*'@'.*'\n/)
  })
})

/** A project with a shared ledger that lacks the runs recorded so far. */
async function shared(url: string, run = true): Promise<Project> {
  const ledger = { use: '@dustpan/postgres-ledger', options: { url } }
  const project = shop({ drivers: [] }, ['core', 'vitest-plugin'])
  const ours = join(project.folder, 'node_modules', '@dustpan', 'postgres-ledger')
  symlinkSync(join(packages, 'ledgers/postgres'), ours)
  const create = () => track({ type: 'file', id: project.file('a.txt') })
  if (run) await project.run({ adds: { verdict: 'passed', create } })
  project.configure({ drivers: [], ledger })
  return project
}

test('the shared ledger is shown with its clock, and records that it lacks are a warning with a fix', async () => {
  using project = await shared(await server.database())
  const before = await dustpan(project.folder, ['doctor'])
  expect(before.code).toBe(0)
  expect(lines(before.out, 'Shared ledger')[0]).toMatch(/^✓ Shared ledger +postgres:\/\/[\w.]+:\d+\/\w+$/)
  expect(before.out).toContain('1 warning.')
  expect(before.out).toMatch(/it lacks records of \d{8}-\d{6}-\w{6}:/)
  expect(before.out).toContain('    npx dustpan list\n')
  await dustpan(project.folder, ['list'])
  const { code, out } = await dustpan(project.folder, ['doctor'])
  expect([code, lines(out, 'Shared ledger')]).toEqual([0, [expect.stringMatching(/, clock [+−]\d+ ms$/)]])
  expect(out).toContain('No problems found.')
})

test('a shared ledger whose clock is far off is reported', async () => {
  using project = await shared(await server.database())
  await dustpan(project.folder, ['list'])
  const clock = join(project.folder, 'clock.mjs')
  writeFileSync(clock, 'const now = Date.now; Date.now = () => now() + 3_600_000')
  const { stdout } = await spawnDustpan(project.folder, ['doctor'], { nodeOptions: ['--import', clock] })
  expect(stdout).toMatch(/its clock is 3\d{3}\.\d s behind this machine's/)
  expect(stdout).toContain('Set both clocks by NTP.')
})

test('an unreachable shared ledger, and one of another version, are problems and hide no other check', async () => {
  using away = await shared('postgres://tester:hunter2@127.0.0.1:9/ledger', false)
  const nobody = await dustpan(away.folder, ['doctor'])
  expect([nobody.code, nobody.out]).toEqual([1, expect.stringContaining('✗ Shared ledger')])
  expect(nobody.out).toContain('could not be reached')
  expect(nobody.out).toContain('is sent with the next run or')
  expect(nobody.out).toMatch(/^✓ Reaper/m)
  expect(nobody.out).not.toContain('hunter2')
  const url = await server.database()
  using other = await shared(url)
  await dustpan(other.folder, ['list'])
  await once(url, 'UPDATE dustpan.ledger SET version = 99')
  const { code, out } = await dustpan(other.folder, ['doctor'])
  expect([code, out]).toEqual([1, expect.stringContaining('of version 99')])
  expect(out).toContain('the same version of')
})
