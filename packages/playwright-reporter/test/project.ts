/** A project with Playwright Test installed. */
import { createProject as createAny, type Project } from '@dustpan/conformance'
import { vi } from 'vitest'

export { outcomes, type Project, resources } from '@dustpan/conformance'

// Playwright starts another worker after each failed test, and a browser for tests with pages.
vi.setConfig({ testTimeout: 240_000 })

/** The newest and the oldest supported version. */
export const versions = ['1.65.1', '1.62.0'] as const

const packages = ['core', 'playwright-reporter', 'postgres', 'sqlite'].map((name) => `@dustpan/${name}`)

/** The text of playwright.config.ts, with more options. */
export const configFile = (more = ''): string => `import { defineConfig } from '@playwright/test'
export default defineConfig({
  testMatch: '*.spec.ts', workers: 1, timeout: 10_000,
  reporter: [['list'], ['@dustpan/playwright-reporter']],
  ${more}
})
`

/** The start of test files: `create('users')` uses the `fetch` of the test process. */
export const head = `
import { expect, test } from '@dustpan/playwright-reporter/test'
import { scope } from '@dustpan/core'
const create = async (type: string) => (await fetch(process.env.API + '/' + type, { method: 'POST' })).json()
const status = async (path: string) => (await fetch(process.env.API + '/' + path)).status
`

export const conditional = `export default { cleanup: { strategy: 'conditional', interruptTimeout: '2m' } }\n`

export function createProject(
  files: Readonly<Record<string, string>>,
  version: (typeof versions)[number] = versions[0],
  command: readonly string[] = ['test'],
): Promise<Project> {
  return createAny({
    dependencies: { '@playwright/test': version, pg: '^8.23.0' },
    packages,
    files: { 'playwright.config.ts': configFile(), ...files },
    command: ['node_modules/@playwright/test/cli.js', ...command],
  })
}
