import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { dustpan } from '../dustpan.ts'

interface Folder extends Disposable {
  readonly folder: string
  read(file: string): string
}

/** `needs`: what its package.json names. */
function project(files: Readonly<Record<string, string>>, needs: readonly string[], manifest: object = {}): Folder {
  const folder = mkdtempSync(join(tmpdir(), 'dustpan-init-'))
  const devDependencies = Object.fromEntries(needs.map((name) => [name, '*']))
  const all = { 'package.json': JSON.stringify({ ...manifest, devDependencies }), ...files }
  for (const [name, text] of Object.entries(all)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  return {
    folder,
    read: (file) => readFileSync(join(folder, file), 'utf8'),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }),
  }
}

const vitestImport = `import { dustpan } from '@dustpan/vitest-plugin'`

test.for<[title: string, needs: string, file: string, before: string, after: string]>([
  [
    'a list of plugins, its comments and its layout',
    'vitest',
    'vite.config.ts',
    `import react from 'react'\n\nexport default {\n  plugins: [\n    react(), // first\n  ],\n}\n`,
    `import react from 'react'\n${vitestImport}\n\nexport default {\n  plugins: [\n    react(), // first\n    dustpan(),\n  ],\n}\n`,
  ],
  [
    'double quotes, semicolons, and a constant with a type',
    'vitest',
    'vitest.config.ts',
    `import type { Config } from "vite";\n\nconst config = { test: {} } satisfies Config;\n\nexport default config;\n`,
    `import type { Config } from "vite";\nimport { dustpan } from "@dustpan/vitest-plugin";\n\nconst config = { plugins: [dustpan()], test: {} } satisfies Config;\n\nexport default config;\n`,
  ],
  [
    "Vite's configuration, merged with Vitest's",
    'vitest',
    'vitest.config.mts',
    `import vite from './vite.config'\nexport default mergeConfig(vite, defineConfig({\n  // ours\n  test: {},\n}))\n`,
    `import vite from './vite.config'\n${vitestImport}\nexport default mergeConfig(vite, defineConfig({\n  plugins: [dustpan()],\n  // ours\n  test: {},\n}))\n`,
  ],
  [
    'a function, which Jest calls',
    'jest',
    'jest.config.mjs',
    'export default async () => ({ testTimeout: 1 })\n',
    `import { withDustpan } from '@dustpan/jest-environment/config'\n\nexport default withDustpan(async () => ({ testTimeout: 1 }))\n`,
  ],
  [
    'CommonJS, with a spread',
    'jest',
    'jest.config.js',
    `const base = require('./base')\n\nmodule.exports = { ...base, verbose: true };\n`,
    `const base = require('./base')\nconst { withDustpan } = require('@dustpan/jest-environment/config');\n\nmodule.exports = withDustpan({ ...base, verbose: true });\n`,
  ],
  [
    'JSON, with reporters of its own',
    'jest',
    'jest.config.json',
    '{\n  "reporters": ["default"],\n  "watchPathIgnorePatterns": []\n}\n',
    '{\n  "testRunner": "@dustpan/jest-environment/runner",\n  "reporters": ["default", "@dustpan/jest-environment/reporter"],\n  "watchPathIgnorePatterns": ["/[.]dustpan/"]\n}\n',
  ],
  [
    'a list of reporters',
    '@playwright/test',
    'playwright.config.ts',
    `export default defineConfig({ reporter: [['html'], ['line']] })\n`,
    `export default defineConfig({ reporter: [['html'], ['line'], ['@dustpan/playwright-reporter']] })\n`,
  ],
  [
    'test and expect of a test file, under other names; its types stay',
    '@playwright/test',
    'e2e/shop.spec.ts',
    `import { expect, test as base, type Page } from '@playwright/test';\n`,
    `import { expect, test as base } from '@dustpan/playwright-reporter/test';\nimport { type Page } from '@playwright/test';\n`,
  ],
  [
    'one module that is required',
    'mocha',
    '.mocharc.json',
    '{ "require": "tsx" } // ours\n',
    '{ "require": ["tsx", "@dustpan/mocha-plugin"] } // ours\n',
  ],
  ['YAML', 'mocha', '.mocharc.yaml', 'spec: test # here', `spec: test # here\nrequire:\n  - '@dustpan/mocha-plugin'\n`],
  [
    'CommonJS',
    'mocha',
    '.mocharc.cjs',
    'module.exports = { timeout: 1 }\n',
    `module.exports = { require: ['@dustpan/mocha-plugin'], timeout: 1 }\n`,
  ],
])('in %s: %s, %s is changed in that place alone, and once', async ([, needs, file, before, after]) => {
  using own = project({ [file]: before }, [needs])
  expect(await dustpan(own.folder, ['init', '--yes'])).toMatchObject({ code: 0, err: '' })
  expect(own.read(file)).toBe(after)
  expect((await dustpan(own.folder, ['init', '--yes'])).out).toContain('Nothing to change.')
  expect(own.read(file)).toBe(after)
})

test('scripts of package.json: each that tests with Node, and nothing else', async () => {
  using own = project({}, [], {
    scripts: { start: 'node server.js --test', test: 'npm run build && node --import tsx --test "test/*.ts"' },
  })
  await dustpan(own.folder, ['init', '--yes'])
  expect(JSON.parse(own.read('package.json')).scripts).toEqual({
    start: 'node server.js --test',
    test: 'npm run build && node --import tsx --import @dustpan/node-test --test --test-reporter=@dustpan/node-test/spec "test/*.ts"',
  })
})

test.for([
  ['vitest', 'vite.config.ts', 'export default defineConfig(({ mode }) => ({ mode }))\n', 'plugins: [dustpan()]'],
  ['vitest', 'vitest.config.ts', 'export default { ...base, test: {} }\n', 'plugins: [dustpan()]'],
  ['vitest', 'vitest.config.ts', 'export default {{\n', 'plugins: [dustpan()]'],
  [
    '@playwright/test',
    'playwright.config.ts',
    `export default { reporter: CI ? 'dot' : 'list' }\n`,
    `['@dustpan/playwright-reporter']`,
  ],
  ['mocha', '.mocharc.yml', 'require:\n  - tsx\n', `- '@dustpan/mocha-plugin'`],
  ['jest', 'jest.config.json', '{ "testRunner": "jasmine2" }', '"testRunner": "@dustpan/jest-environment/runner"'],
] as const)(
  '%s: a configuration that code makes is left as it is, and what to add is said: %s',
  async ([needs, file, text, add]) => {
    using own = project({ [file]: text }, [needs])
    const { code, out } = await dustpan(own.folder, ['init', '--yes'])
    expect([code, own.read(file)]).toEqual([1, text])
    expect(out).toContain(`! ${file} is left unchanged: `)
    expect(out).toContain(add)
  },
)

test('lines end as they did, and a link stays one', async () => {
  using own = project({ 'shared/vite.config.ts': 'export default {\r\n  test: {},\r\n}\r\n' }, ['vitest'])
  symlinkSync('shared/vite.config.ts', join(own.folder, 'vite.config.ts'))
  await dustpan(own.folder, ['init', '--yes'])
  expect(own.read('shared/vite.config.ts')).toBe(
    `${vitestImport}\r\n\r\nexport default {\r\n  plugins: [dustpan()],\r\n  test: {},\r\n}\r\n`,
  )
})

test('a secret beside what is changed is not shown', async () => {
  const url = 'postgres://admin:hunter2@localhost/shop'
  using own = project({ 'vite.config.ts': `export default { env: { url: '${url}' } }\n` }, ['vitest'])
  const texts = [
    await dustpan(own.folder, ['init', '--dry-run']),
    await dustpan(own.folder, ['init', '--dry-run', '--json']),
  ]
  expect(texts.map(({ out }) => [out.includes('env: { url:'), out.includes('hunter2')])).toEqual([
    [true, false],
    [true, false],
  ])
  await dustpan(own.folder, ['init', '--yes'])
  expect(own.read('vite.config.ts')).toContain(url)
})

test('two runners that both stand in package.json', async () => {
  using own = project({}, ['jest'], { jest: { verbose: true }, scripts: { unit: 'node --test' } })
  await dustpan(own.folder, ['init', '--yes'])
  const { jest, scripts } = JSON.parse(own.read('package.json'))
  expect(jest).toMatchObject({ testRunner: '@dustpan/jest-environment/runner', verbose: true })
  expect(scripts.unit).toContain('--import @dustpan/node-test')
})

const shop = () =>
  project(
    {
      'tsconfig.json': '{}',
      '.env': 'export DATABASE_URL=postgres://admin:hunter2@db.example/shop\nREDIS_URL=\n',
      '.env.example': 'MONGODB_URI=\n',
      'playwright.config.ts': `export default { use: { baseURL: process.env.URL ?? 'http://localhost:3000/shop' } }\n`,
    },
    ['vitest', '@playwright/test', 'pg', 'ioredis', 'mongoose'],
    { type: 'module' },
  )

test('the configuration has the stores, by names of variables alone, and the origin', async () => {
  using own = shop()
  const { out } = await dustpan(own.folder, ['init', '--yes'])
  const config = own.read('dustpan.config.ts')
  expect(config).toContain(`postgres({ url: env('DATABASE_URL', dotenv.DATABASE_URL) }),`)
  expect(config).toContain(`// Add url: env('REDIS_URL') to clean up after killed tests, too.\n    redis(),`)
  expect(config).toContain(`// Add url: env('MONGODB_URI') `)
  expect(config).toContain(`    mongodb(),`)
  expect(config).toContain(`http({ origins: ['http://localhost:3000'] }), // baseURL in playwright.config.ts`)
  expect(out + config).not.toContain('hunter2')
})

test('an origin that is not on this machine is not made one from which tests may delete', async () => {
  using own = project({ 'playwright.config.js': `export default { use: { baseURL: 'https://shop.example' } }\n` }, [
    '@playwright/test',
  ])
  await dustpan(own.folder, ['init', '--yes'])
  expect(own.read('dustpan.config.mjs')).toContain(`// http({ origins: ['https://shop.example'] }),`)
})

test.for([
  ['no', { answer: 'n' }, [], 1],
  ['nobody there', {}, [], 1],
  ['a dry run', {}, ['--dry-run'], 0],
  ['JSON without --yes', { answer: 'y' }, ['--json'], 1],
] as const)('%s: nothing is written', async ([, setting, args, code]) => {
  using own = shop()
  const said = await dustpan(own.folder, ['init', ...args], setting)
  expect(said.code).toBe(code)
  expect(existsSync(join(own.folder, 'dustpan.config.ts'))).toBe(false)
  expect(existsSync(join(own.folder, 'vitest.config.ts'))).toBe(false)
})

test('at a terminal the changes are shown, and one question is asked', async () => {
  using own = shop()
  const { code, out, questions } = await dustpan(own.folder, ['init'], { answer: '' })
  expect([code, questions]).toEqual([0, ['Write these 3 files? [Y/n] ']])
  expect(out).toContain('\nplaywright.config.ts\n')
  expect(out).toContain(`\n  -export default { use:`)
  expect(own.read('vitest.config.ts')).toContain('plugins: [dustpan()]')
})

test('a configuration that is there, here or above, stays as it is', async () => {
  using own = project(
    { 'dustpan.config.yaml': 'environment: test\n', 'app/package.json': '{ "devDependencies": { "mocha": "*" } }' },
    [],
  )
  await dustpan(join(own.folder, 'app'), ['init', '--yes'])
  expect(own.read('dustpan.config.yaml')).toBe('environment: test\n')
  expect(existsSync(join(own.folder, 'app/dustpan.config.mjs'))).toBe(false)
})

test('.gitignore gets the ledger where Git keeps the project', async () => {
  using own = project({ '.gitignore': 'dist' }, ['mocha'])
  await dustpan(own.folder, ['init', '--yes'])
  expect(own.read('.gitignore')).toBe('dist\n.dustpan\n')
  using fresh = project({ '.git/HEAD': '' }, ['mocha'])
  await dustpan(fresh.folder, ['init', '--yes'])
  expect(fresh.read('.gitignore')).toBe('.dustpan\n')
})

test.for([
  [{ 'yarn.lock': '' }, {}, 'yarn add --dev @dustpan/core'],
  [{ 'bun.lock': '' }, {}, 'bun add --dev @dustpan/core'],
  [{ 'pnpm-lock.yaml': '', 'pnpm-workspace.yaml': '' }, {}, 'pnpm add --save-dev --workspace-root @dustpan/core'],
  [{ 'package-lock.json': '' }, { packageManager: 'pnpm@12.0.0' }, 'pnpm add --save-dev @dustpan/core'],
  [{ 'package-lock.json': '' }, {}, 'npm install --save-dev @dustpan/core @dustpan/cli @dustpan/mocha-plugin'],
] as const)('%j, %j: %s', async ([files, manifest, command]) => {
  using own = project(files, ['mocha'], manifest)
  const { out } = await dustpan(own.folder, ['init', '--yes'])
  expect(out).toContain(`  ${command}`)
})

test('the lock file of a workspace counts for the packages in it', async () => {
  using own = project({ 'pnpm-lock.yaml': '', 'app/package.json': '{ "devDependencies": { "mocha": "*" } }' }, [])
  const { out } = await dustpan(join(own.folder, 'app'), ['init', '--yes', '--json'])
  expect(JSON.parse(out)).toMatchObject({
    runners: ['Mocha'],
    install: expect.stringMatching(/^pnpm add/),
    written: true,
  })
})

test('--install runs it, and its failure is that of the command', async () => {
  using own = project({ 'bin/pnpm': '#!/bin/sh\necho "$@" > called\nexit 3\n' }, ['mocha'], {
    packageManager: 'pnpm@12.0.0',
  })
  chmodSync(join(own.folder, 'bin/pnpm'), 0o755)
  const path = process.env.PATH
  process.env.PATH = `${join(own.folder, 'bin')}:${path}`
  try {
    expect((await dustpan(own.folder, ['init', '--yes', '--install'])).code).toBe(1)
  } finally {
    process.env.PATH = path
  }
  expect(own.read('called')).toBe('add --save-dev @dustpan/core @dustpan/cli @dustpan/mocha-plugin\n')
})

test('without a test runner, and without a package.json, nothing is written', async () => {
  using none = project({}, ['left-pad'])
  expect(await dustpan(none.folder, ['init', '--yes'])).toMatchObject({
    code: 2,
    err: expect.stringContaining('DUSTPAN_NO_PROJECT'),
  })
  expect(await dustpan('/', ['init', '--yes'])).toMatchObject({
    code: 2,
    err: expect.stringContaining('No package.json in /'),
  })
})

test.for(['init', 'doctor'])('%s --help has examples', async (command) => {
  const { code, out } = await dustpan('/', [command, '--help'])
  expect([code, out]).toEqual([0, expect.stringMatching(/Examples:[\s\S]*dustpan/)])
})
