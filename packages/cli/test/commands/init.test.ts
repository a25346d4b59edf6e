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

/** `needs`: the packages that its package.json lists. */
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
    'a list of plugins with comments',
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
    'an exported function',
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
    'a renamed `test` import beside a type import',
    '@playwright/test',
    'e2e/shop.spec.ts',
    `import { expect, test as base, type Page } from '@playwright/test';\n`,
    `import { expect, test as base } from '@dustpan/playwright-reporter/test';\nimport { type Page } from '@playwright/test';\n`,
  ],
  [
    'a single `require`',
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
])('%s: init edits a %s project’s %s minimally and only once', async ([, needs, file, before, after]) => {
  using own = project({ [file]: before }, [needs])
  expect(await dustpan(own.folder, ['init', '--yes'])).toMatchObject({ code: 0, err: '' })
  expect(own.read(file)).toBe(after)
  expect((await dustpan(own.folder, ['init', '--yes'])).out).toContain('Nothing to change.')
  expect(own.read(file)).toBe(after)
})

test('init changes only the scripts of package.json that run node --test', async () => {
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
  '%s: a %s that cannot be edited is left unchanged, and init prints what to add',
  async ([needs, file, text, add]) => {
    using own = project({ [file]: text }, [needs])
    const { code, out } = await dustpan(own.folder, ['init', '--yes'])
    expect([code, own.read(file)]).toEqual([1, text])
    expect(out).toContain(`! ${file} is left unchanged: `)
    expect(out).toContain(add)
  },
)

test('init keeps CRLF line endings and symbolic links', async () => {
  using own = project({ 'shared/vite.config.ts': 'export default {\r\n  test: {},\r\n}\r\n' }, ['vitest'])
  symlinkSync('shared/vite.config.ts', join(own.folder, 'vite.config.ts'))
  await dustpan(own.folder, ['init', '--yes'])
  expect(own.read('shared/vite.config.ts')).toBe(
    `${vitestImport}\r\n\r\nexport default {\r\n  plugins: [dustpan()],\r\n  test: {},\r\n}\r\n`,
  )
})

test('the diff of init masks a secret in the changed line, and the written file keeps it', async () => {
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

test('init sets up two runners that are both configured in package.json', async () => {
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

test('the written configuration has the stores by variable name, and the origin of the application', async () => {
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

test('an origin on another machine is written as a comment only', async () => {
  using own = project({ 'playwright.config.js': `export default { use: { baseURL: 'https://shop.example' } }\n` }, [
    '@playwright/test',
  ])
  await dustpan(own.folder, ['init', '--yes'])
  expect(own.read('dustpan.config.mjs')).toContain(`// http({ origins: ['https://shop.example'] }),`)
})

test.for([
  ['the answer no', { answer: 'n' }, [], 1],
  ['no terminal and no --yes', {}, [], 1],
  ['a dry run', {}, ['--dry-run'], 0],
  ['JSON without --yes', { answer: 'y' }, ['--json'], 1],
] as const)('init writes nothing: %s', async ([, setting, args, code]) => {
  using own = shop()
  const result = await dustpan(own.folder, ['init', ...args], setting)
  expect(result.code).toBe(code)
  expect(existsSync(join(own.folder, 'dustpan.config.ts'))).toBe(false)
  expect(existsSync(join(own.folder, 'vitest.config.ts'))).toBe(false)
})

test('at a terminal init shows the changes and asks one question', async () => {
  using own = shop()
  const { code, out, questions } = await dustpan(own.folder, ['init'], { answer: '' })
  expect([code, questions]).toEqual([0, ['Write these 3 files? [Y/n] ']])
  expect(out).toContain('\nplaywright.config.ts\n')
  expect(out).toContain(`\n  -export default { use:`)
  expect(own.read('vitest.config.ts')).toContain('plugins: [dustpan()]')
})

test('init keeps an existing configuration of a parent folder', async () => {
  using own = project(
    { 'dustpan.config.yaml': 'environment: test\n', 'app/package.json': '{ "devDependencies": { "mocha": "*" } }' },
    [],
  )
  await dustpan(join(own.folder, 'app'), ['init', '--yes'])
  expect(own.read('dustpan.config.yaml')).toBe('environment: test\n')
  expect(existsSync(join(own.folder, 'app/dustpan.config.mjs'))).toBe(false)
})

test('init adds the ledger to .gitignore, and creates it in a Git repository', async () => {
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
] as const)('with %j and %j, the install command is: %s', async ([files, manifest, command]) => {
  using own = project(files, ['mocha'], manifest)
  const { out } = await dustpan(own.folder, ['init', '--yes'])
  expect(out).toContain(`  ${command}`)
})

test('the lock file of a workspace decides the package manager of its packages', async () => {
  using own = project({ 'pnpm-lock.yaml': '', 'app/package.json': '{ "devDependencies": { "mocha": "*" } }' }, [])
  const { out } = await dustpan(join(own.folder, 'app'), ['init', '--yes', '--json'])
  expect(JSON.parse(out)).toMatchObject({
    runners: ['Mocha'],
    install: expect.stringMatching(/^pnpm add/),
    written: true,
  })
})

test('--install runs the install command, and init fails when it fails', async () => {
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

test('init fails with DUSTPAN_NO_PROJECT without a test runner, and without a package.json', async () => {
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

test.for(['init', 'doctor'])('%s --help shows examples', async (command) => {
  const { code, out } = await dustpan('/', [command, '--help'])
  expect([code, out]).toEqual([0, expect.stringMatching(/Examples:[\s\S]*dustpan/)])
})
