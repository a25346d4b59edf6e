/** What `init` and `doctor` detect in a project: incomplete set-up, missing drivers, workspace packages. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { dustpan } from '../dustpan.ts'

interface Folder extends Disposable {
  readonly folder: string
  read(file: string): string
}

/** A project in which every package of Dustpan is installed. */
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

interface Check {
  readonly state: string
  readonly subject: string
  readonly message: string
  readonly run?: string
}

/** The checks of `doctor` with this subject. */
async function checks(own: Folder, about: string): Promise<readonly Check[]> {
  vi.stubEnv('DUSTPAN_REAPER', '0')
  const { out } = await dustpan(own.folder, ['doctor', '--json']).finally(() => vi.unstubAllEnvs())
  return JSON.parse(out).checks.filter(({ subject }: Check) => subject === about)
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
] as const)(
  '%s: importing Dustpan’s function without calling it is not a set-up',
  async ([name, needs, file, text]) => {
    using own = project({ [file]: text }, [needs])
    const { code, out } = await init(own)
    expect([code, own.read(file)]).toEqual([1, text])
    expect(out).toContain(`! ${file} is left unchanged: it imports`)
    expect(await checks(own, name)).toMatchObject([{ state: 'warning' }])
  },
)

test('Vitest: the plugin is recognised under another name and from a namespace import', async () => {
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
] as const)('Playwright: init changes a required `test` to Dustpan’s: %s', async ([before, after]) => {
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
])('Playwright: a file that imports `test` in an unsupported way is reported and left unchanged: %s', async (text) => {
  using own = project({ 'e2e/a.spec.js': text }, ['@playwright/test'])
  const { code, out } = await init(own)
  expect([code, own.read('e2e/a.spec.js')]).toEqual([1, text])
  expect(out).toContain(`import { expect, test } from '@dustpan/playwright-reporter/test'`)
  expect(await checks(own, 'Playwright')).toMatchObject([{ state: 'warning' }])
})

test('Playwright: init leaves a file that does not use `test` unchanged', async () => {
  using own = project({ 'e2e/browser.js': `const { chromium } = require('@playwright/test')\nchromium.launch()\n` }, [
    '@playwright/test',
  ])
  expect((await init(own)).code).toBe(0)
  expect(own.read('e2e/browser.js')).toBe(`const { chromium } = require('@playwright/test')\nchromium.launch()\n`)
})

const runner = '@dustpan/jest-environment/runner'

test('Jest: init adds the test runner to projects that have their own configuration', async () => {
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

test('Jest: a project with a computed configuration, or with none, is reported and left unchanged', async () => {
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

test('Jest: the environment of Dustpan instead of its runner counts as set up', async () => {
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
])('workspace packages that run tests without Dustpan are listed: %s', async ([, files, manifest]) => {
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

test('in a workspace root without a test runner, init lists the packages that have one', async () => {
  using own = project({ 'packages/a/package.json': '{ "scripts": { "test": "mocha" } }' }, [], {
    workspaces: ['packages/*'],
  })
  const { code, err } = await init(own)
  expect([code, err]).toEqual([2, expect.stringContaining('npx dustpan init --cwd packages/a')])
})

const wired = {
  'vitest.config.mjs': `import { dustpan } from '@dustpan/vitest-plugin'\nexport default { plugins: [dustpan()] }\n`,
}

test('a database client without a driver is reported with the lines to add', async () => {
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

test('no missing driver is reported when one is configured or the configuration cannot be loaded', async () => {
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

test('`doctor` reports a missing Vitest configuration without naming a file', async () => {
  using own = project({ 'dustpan.config.json': '{}' }, ['vitest'])
  expect(await checks(own, 'Vitest')).toMatchObject([
    { state: 'wrong', message: 'Dustpan is not set up: it has no configuration file' },
  ])
})

test('at 60 columns the lines of doctor are wrapped, not cut off', async () => {
  using own = project({ ...wired, 'dustpan.config.json': '{}' }, ['vitest'])
  vi.stubEnv('DUSTPAN_REAPER', '0')
  const { out } = await dustpan(own.folder, ['doctor'], { width: 60 }).finally(() => vi.unstubAllEnvs())
  expect(out).toMatch(/^✓ Packages .*\n {17}/m)
  expect(out.replace(/\s+/g, ' ')).toContain('vitest-plugin')
  expect(out.split('\n').every((line) => line.length <= 60)).toBe(true)
})

test('a changed file that needs one more change is not reported as left unchanged', async () => {
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

test('uncaptured clients of one kind share a warning, and captured ones have none', async () => {
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
