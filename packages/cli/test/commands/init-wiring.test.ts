/** What `init` and `doctor` find out about a project: wiring that only looks like it, drivers that are missing, packages of a workspace. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { dustpan } from '../dustpan.ts'

interface Folder extends Disposable {
  readonly folder: string
  read(file: string): string
}

/** With all packages of ours that are named. */
function project(files: Readonly<Record<string, string>>, needs: readonly string[], manifest: object = {}): Folder {
  const folder = mkdtempSync(join(tmpdir(), 'dustpan-init-'))
  const devDependencies = Object.fromEntries(needs.map((name) => [name, '*']))
  const ours = ['core', 'cli', 'vitest-plugin', 'jest-environment', 'playwright-reporter', 'mocha-plugin', 'node-test']
  const installed = ours.map((name) => [
    `node_modules/@dustpan/${name}/package.json`,
    JSON.stringify({ name: `@dustpan/${name}`, version: '0.1.0' }),
  ])
  const all = {
    'package.json': JSON.stringify({ ...manifest, devDependencies }),
    ...Object.fromEntries(installed),
    ...files,
  }
  for (const [name, text] of Object.entries(all)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text as string)
  }
  return {
    folder,
    read: (file) => readFileSync(join(folder, file), 'utf8'),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }),
  }
}

const init = (own: Folder) => dustpan(own.folder, ['init', '--yes'])

interface Told {
  readonly state: string
  readonly subject: string
  readonly message: string
  readonly run?: string
}

/** The checks of `doctor` about one thing. */
async function checks(own: Folder, about: string): Promise<readonly Told[]> {
  vi.stubEnv('DUSTPAN_REAPER', '0')
  const { out } = await dustpan(own.folder, ['doctor', '--json']).finally(() => vi.unstubAllEnvs())
  return JSON.parse(out).checks.filter(({ subject }: Told) => subject === about)
}

test.for([
  [
    'Vitest',
    'vitest',
    'vitest.config.mjs',
    `import { dustpan } from '@dustpan/vitest-plugin'\n\nexport default { plugins: [dustpan] }\n`,
  ],
  [
    'Jest',
    'jest',
    'jest.config.cjs',
    `const { withDustpan } = require('@dustpan/jest-environment/config')\n\nmodule.exports = {}\n`,
  ],
] as const)('%s: a function that is imported and not called is no wiring', async ([name, needs, file, text]) => {
  using own = project({ [file]: text }, [needs])
  const { code, out } = await init(own)
  expect([code, own.read(file)]).toEqual([1, text])
  expect(out).toContain(`! ${file} is left unchanged: it imports`)
  expect(await checks(own, name)).toMatchObject([{ state: 'warning' }])
})

test('Vitest: a plugin under another name, and in a namespace, is wiring', async () => {
  for (const text of [
    `import { dustpan as sweep } from '@dustpan/vitest-plugin'\nexport default { plugins: [sweep()] }\n`,
    `import * as ours from '@dustpan/vitest-plugin'\nexport default { plugins: [ours.dustpan({})] }\n`,
  ]) {
    using own = project({ 'vitest.config.mjs': text }, ['vitest'])
    expect(await checks(own, 'Vitest')).toMatchObject([{ state: 'fine' }])
  }
})

test.for([
  [
    `const { test, expect } = require('@playwright/test');\n`,
    `const { test, expect } = require('@dustpan/playwright-reporter/test');\n`,
  ],
  [
    `const { test: base, devices } = require("@playwright/test")\n`,
    `const { test: base } = require("@dustpan/playwright-reporter/test")\nconst { devices } = require("@playwright/test")\n`,
  ],
] as const)('Playwright: a test file that requires `test` gets it from Dustpan: %s', async ([before, after]) => {
  using own = project({ 'e2e/a.spec.js': before }, ['@playwright/test'])
  expect(await checks(own, 'Playwright')).toMatchObject([{ state: 'wrong' }])
  expect((await init(own)).code).toBe(0)
  expect(own.read('e2e/a.spec.js')).toBe(after)
  expect(await checks(own, 'Playwright')).toMatchObject([{ state: 'fine' }])
})

test.for([
  `const base = require('@playwright/test').test\n`,
  `const pw = require('@playwright/test')\npw.test('a', () => {})\n`,
  `import * as pw from '@playwright/test'\npw.test('a', () => {})\n`,
  `export { expect, test } from '@playwright/test'\n`,
])('Playwright: `test` that is taken in another way is named: %s', async (text) => {
  using own = project({ 'e2e/a.spec.js': text }, ['@playwright/test'])
  const { code, out } = await init(own)
  expect([code, own.read('e2e/a.spec.js')]).toEqual([1, text])
  expect(out).toContain(`import { expect, test } from '@dustpan/playwright-reporter/test'`)
  expect(await checks(own, 'Playwright')).toMatchObject([{ state: 'warning' }])
})

test('Playwright: what a helper takes besides `test` is left as it is', async () => {
  using own = project({ 'e2e/browser.js': `const { chromium } = require('@playwright/test')\nchromium.launch()\n` }, [
    '@playwright/test',
  ])
  expect((await init(own)).code).toBe(0)
  expect(own.read('e2e/browser.js')).toBe(`const { chromium } = require('@playwright/test')\nchromium.launch()\n`)
})

const runner = '@dustpan/jest-environment/runner'

test('Jest: projects with a configuration of their own name the test runner themselves', async () => {
  const root = `const { withDustpan } = require('@dustpan/jest-environment/config')\n\nmodule.exports = withDustpan({ projects: ['<rootDir>/api', './apps/*/jest.config.json'] })\n`
  using own = project(
    {
      'jest.config.cjs': root,
      'api/jest.config.cjs': `module.exports = { displayName: 'api' }\n`,
      'apps/web/jest.config.json': '{ "displayName": "web" }\n',
    },
    ['jest'],
  )
  const [before] = await checks(own, 'Jest')
  expect(before).toMatchObject({ state: 'wrong', message: expect.stringContaining('api/jest.config.cjs and 1 more') })
  expect((await init(own)).code).toBe(0)
  expect(own.read('jest.config.cjs')).toBe(root)
  expect(own.read('api/jest.config.cjs')).toBe(`module.exports = { testRunner: '${runner}', displayName: 'api' }\n`)
  expect(own.read('apps/web/jest.config.json')).toBe(`{ "testRunner": "${runner}", "displayName": "web" }\n`)
  expect(await checks(own, 'Jest')).toMatchObject([{ state: 'fine' }])
})

test('Jest: a project whose configuration code makes, or that has none, is named', async () => {
  using own = project(
    {
      'jest.config.cjs': `const { withDustpan } = require('@dustpan/jest-environment/config')\nmodule.exports = withDustpan({ projects: ['api', 'web'] })\n`,
      'api/jest.config.cjs': 'module.exports = { ...base }\n',
      'web/package.json': '{}',
    },
    ['jest'],
  )
  const { code, out } = await init(own)
  expect(code).toBe(1)
  expect(out).toContain('! api/jest.config.cjs is left unchanged')
  expect(out).toContain('! web/package.json is left unchanged')
  expect(await checks(own, 'Jest')).toMatchObject([{ state: 'warning' }])
})

test('Jest: an environment of Dustpan, in the place of its runner, is wiring too', async () => {
  const text = `module.exports = { testEnvironment: '@dustpan/jest-environment' }\n`
  using own = project(
    {
      'jest.config.cjs': `module.exports = { testEnvironment: '@dustpan/jest-environment', projects: ['api'] }\n`,
      'api/jest.config.cjs': text,
    },
    ['jest'],
  )
  expect((await init(own)).code).toBe(0)
  expect(own.read('api/jest.config.cjs')).toBe(text)
  expect(await checks(own, 'Jest')).toMatchObject([{ state: 'fine' }])
})

test.for<[string, Readonly<Record<string, string>>, object]>([
  ['package.json', {}, { workspaces: ['packages/*', '!packages/left'] }],
  ['package.json, with an object', {}, { workspaces: { packages: ['packages/{a,b}'] } }],
  [
    'pnpm-workspace.yaml',
    { 'pnpm-workspace.yaml': "packages:\n  - 'packages/**' # all\n  - '!**/left'\ncatalog:\n  a: 1\n" },
    {},
  ],
])('packages of a workspace that run tests without Dustpan are named: %s', async ([, files, manifest]) => {
  const script = (test: string) => JSON.stringify({ scripts: { test } })
  using own = project(
    {
      ...files,
      'packages/a/package.json': script('vitest run'),
      'packages/a/vitest.config.mjs': 'export default {}\n',
      'packages/b/package.json': script('vitest run --config ../../vitest.config.mjs'),
      'packages/left/package.json': script('jest'),
      'packages/none/package.json': script('eslint vitest.config.ts'),
      'vitest.config.mjs': `import { dustpan } from '@dustpan/vitest-plugin'\nexport default { plugins: [dustpan()] }\n`,
    },
    ['vitest'],
    manifest,
  )
  const { out } = await init(own)
  expect(out).toContain('    packages/a  (Vitest)\n')
  expect(out).toContain('  npx dustpan init --cwd packages/a\n')
  expect(await checks(own, 'Workspace')).toMatchObject([
    {
      state: 'warning',
      message: '1 package with a test script and without Dustpan: packages/a (Vitest)',
      run: 'npx dustpan init --cwd packages/a',
    },
  ])
  expect((await dustpan(join(own.folder, 'packages/a'), ['init', '--yes'])).code).toBe(0)
  expect(await checks(own, 'Workspace')).toEqual([])
})

test('a workspace whose root has no test runner: its packages that have one are named', async () => {
  using own = project({ 'packages/a/package.json': '{ "scripts": { "test": "mocha" } }' }, [], {
    workspaces: ['packages/*'],
  })
  const { code, err } = await init(own)
  expect([code, err]).toEqual([2, expect.stringContaining('npx dustpan init --cwd packages/a')])
})

const wired = {
  'vitest.config.mjs': `import { dustpan } from '@dustpan/vitest-plugin'\nexport default { plugins: [dustpan()] }\n`,
}

test('a database without a driver is told, with the lines to add', async () => {
  using own = project(
    { ...wired, 'dustpan.config.mjs': 'export default {}\n', '.env': 'DATABASE_URL=postgres://localhost/shop\n' },
    ['vitest', 'pg'],
  )
  const add = `import { env } from '@dustpan/core'\nimport { postgres } from '@dustpan/postgres'\n\ndrivers: [postgres({ url: env('DATABASE_URL') })]`
  expect(await checks(own, 'Driver postgres')).toMatchObject([
    {
      state: 'warning',
      message: expect.stringContaining('package.json lists pg, but no driver for it is configured'),
      run: `npm install --save-dev @dustpan/postgres\n\n${add}`,
    },
  ])
  const { code, out } = await init(own)
  expect([code, own.read('dustpan.config.mjs')]).toEqual([1, 'export default {}\n'])
  expect(out).toContain('! dustpan.config.mjs is left unchanged: package.json lists pg')
  for (const line of add.split('\n')) expect(out).toContain(line)
})

test('a driver that is configured, and a configuration that cannot be loaded yet, are no reason to tell', async () => {
  using json = project(
    {
      ...wired,
      'dustpan.config.json': '{ "drivers": [{ "use": "@dustpan/postgres", "name": "main", "options": {} }] }',
    },
    ['vitest', 'pg'],
  )
  expect((await init(json)).out).not.toContain('no driver')
  expect(await checks(json, 'Driver postgres')).toEqual([])
  using broken = project(
    {
      ...wired,
      'dustpan.config.mjs': `import { postgres } from '@dustpan/postgres'\nexport default { drivers: [postgres()] }\n`,
    },
    ['vitest', 'pg'],
  )
  expect((await init(broken)).out).not.toContain('no driver')
})

test('`doctor` names no file that is not there', async () => {
  using own = project({ 'dustpan.config.json': '{}' }, ['vitest'])
  expect(await checks(own, 'Vitest')).toMatchObject([
    { state: 'wrong', message: 'Dustpan is not set up: it has no configuration file' },
  ])
})

test('at 60 columns nothing of a line is lost', async () => {
  using own = project({ ...wired, 'dustpan.config.json': '{}' }, ['vitest'])
  vi.stubEnv('DUSTPAN_REAPER', '0')
  const { out } = await dustpan(own.folder, ['doctor'], { width: 60 }).finally(() => vi.unstubAllEnvs())
  expect(out).toMatch(/^✓ Packages .*\n {17}/m)
  expect(out.replace(/\s+/g, ' ')).toContain('vitest-plugin')
  expect(out.split('\n').every((line) => line.length <= 60)).toBe(true)
})

test('of a file that is changed it is not said that it is left as it is', async () => {
  using own = project({}, [], {
    scripts: { t1: 'node --test', t2: 'node --test --test-reporter=dot' },
  })
  const { out } = await init(own)
  expect(out).toContain('! package.json needs one more change: its script "t2"')
})

test.for([
  ['@electric-sql/pglite', 'Clients', 'is not tracked', '@electric-sql/pglite-socket'],
  ['@libsql/client', 'Clients', 'is not tracked', 'better-sqlite3'],
  ['neo4j-driver', 'Clients', 'is not tracked', 'track()'],
  ['@aws-sdk/client-s3', 'Clients', 'only where its HTTP requests show it', 'docs/http.md'],
  ['@cloudflare/vitest-pool-workers', 'Vitest', 'Dustpan does not run in its pool', 'docs/vitest.md'],
] as const)('%s: init and doctor warn that it is not captured, with exit code 0', async ([name, about, why, fix]) => {
  using own = project({ ...wired, 'dustpan.config.json': '{}' }, ['vitest', name])
  const told = {
    state: 'warning',
    message: expect.stringMatching(new RegExp(`^package\\.json lists ${name}: .*`)),
    fix: expect.stringContaining(fix),
  }
  expect(await checks(own, about)).toContainEqual({ subject: about, ...told })
  const { code, out } = await init(own)
  expect(code).toBe(0)
  expect(out.replace(/\s+/g, ' ')).toMatch(new RegExp(`! package\\.json lists ${name}: .*${why}`))
  vi.stubEnv('DUSTPAN_REAPER', '0')
  expect((await dustpan(own.folder, ['doctor'])).code).toBe(0)
  vi.unstubAllEnvs()
  const json = JSON.parse((await dustpan(own.folder, ['init', '--dry-run', '--json'])).out)
  expect(json.uncaptured).toMatchObject([{ packages: [name], message: expect.stringContaining(why) }])
})

test('clients of one kind are named in one warning, and captured ones in none', async () => {
  using own = project({ ...wired, 'dustpan.config.json': '{}' }, [
    'vitest',
    'sqlite3',
    'sql.js',
    '@electric-sql/pglite',
    '@electric-sql/pglite-socket',
    'pg',
  ])
  expect(await checks(own, 'Clients')).toMatchObject([
    { message: expect.stringMatching(/^package\.json lists sqlite3, sql\.js: /) },
  ])
})
