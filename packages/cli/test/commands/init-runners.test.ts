/** Runs `dustpan init --yes` in a project that has the packed tarballs but no set-up, then the runner's tests. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createProject } from '@dustpan/conformance'
import { execa } from 'execa'
import { expect, test } from 'vitest'

interface Case {
  readonly runner: string
  readonly files: Readonly<Record<string, string>>
  readonly command: readonly string[]
}

/** The same for every case, so that one installation is enough. */
const dependencies = {
  vitest: '5.1.1',
  vite: '^8.3.0',
  typescript: '7.0.2',
  jest: '30.5.2',
  '@playwright/test': '1.65.1',
  mocha: '12.0.3',
}

const makes = (test: string) => `import { temporaryFolder } from '@dustpan/core'
${test}('makes a folder', () => { temporaryFolder('export') })
`

const manifest = (needs: readonly string[], rest: object = {}) =>
  JSON.stringify({ type: 'module', ...rest, devDependencies: Object.fromEntries(needs.map((name) => [name, '*'])) })

const cases: readonly Case[] = [
  {
    runner: 'Vitest',
    files: {
      'package.json': manifest(['vitest', 'typescript']),
      'vite.config.ts': `import { defineConfig } from 'vitest/config'\n\nexport default defineConfig({\n  test: { globals: true },\n})\n`,
      'a.test.ts': makes('test'),
    },
    command: ['node_modules/vitest/vitest.mjs', 'run'],
  },
  {
    runner: 'Jest',
    files: {
      'package.json': JSON.stringify({ devDependencies: { jest: '*' }, jest: { testTimeout: 20_000 } }),
      'a.test.js': makes('test').replace(/import (.*) from (.*)/, 'const $1 = require($2)'),
    },
    command: ['node_modules/jest/bin/jest.js'],
  },
  {
    runner: 'Playwright',
    files: {
      'package.json': manifest(['@playwright/test']),
      'playwright.config.ts': `import { defineConfig } from '@playwright/test'\n\nexport default defineConfig({ reporter: 'line', testDir: 'tests' })\n`,
      'tests/a.spec.ts': `import { expect, type Page, test } from '@playwright/test'\n${makes('test')}expect(1).toBe(1 satisfies unknown as Page extends never ? never : number)\n`,
    },
    command: ['node_modules/@playwright/test/cli.js', 'test'],
  },
  {
    runner: 'Mocha',
    files: {
      'package.json': manifest(['mocha']),
      '.mocharc.yml': '# ours\ntimeout: 20000\n',
      'test/a.js': makes('it'),
    },
    command: ['node_modules/mocha/bin/mocha.js'],
  },
  {
    runner: 'node:test',
    files: {
      'package.json': manifest([], { scripts: { test: 'node --test' } }),
      'a.test.js': `import { test } from 'node:test'\n${makes('test')}`,
    },
    command: ['--run', 'test'],
  },
]

const bin = 'node_modules/@dustpan/cli/dist/bin.js'

test.for(cases)(
  'after `init --yes`, $runner tracks and prints the report, and a second init changes nothing',
  async (one) => {
    await using project = await createProject({ ...one, dependencies })
    const init = (...args: string[]) =>
      execa(process.execPath, [bin, 'init', ...args], { cwd: project.folder, reject: false })

    const first = await init('--yes')
    expect(first.stderr + first.stdout).toContain(`Runners  ${one.runner}\n`)
    expect([first.exitCode, first.stdout]).toEqual([0, expect.not.stringContaining('Add by hand')])
    const { output, exitCode, report } = await project.run()
    expect([exitCode, output]).toEqual([0, expect.stringMatching(/Dustpan.* 1 removed|1 tracked/)])
    expect(report?.totals).toMatchObject({ removed: 1 })

    const files = () => Object.keys(one.files).map((file) => readFileSync(join(project.folder, file), 'utf8'))
    const before = files()
    const again = await init('--yes')
    expect([again.exitCode, again.stdout]).toEqual([0, expect.stringContaining('Nothing to change.')])
    expect(files()).toEqual(before)
  },
)
