/** A user's project with Playwright Test in it. */
import { createProject as createAny, type Project } from '@dustpan/conformance'
import { vi } from 'vitest'

export { outcomes, type Project, resources } from '@dustpan/conformance'

// After each failed test Playwright starts another worker, and with pages a browser.
vi.setConfig({ testTimeout: 240_000 })

/** The newest and the oldest that the package supports. */
export const versions = ['1.65.1', '1.62.0'] as const

const packages = ['core', 'playwright-reporter', 'postgres', 'sqlite'].map((name) => `@dustpan/${name}`)

/** The configuration, with what is said of it in place of the common. */
export const configFile = (more = ''): string => `import { defineConfig } from '@playwright/test'
export default defineConfig({
  testMatch: '*.spec.ts', workers: 1, timeout: 10_000,
  reporter: [['list'], ['@dustpan/playwright-reporter']],
  ${more}
})
`

/** Test files begin with this, and with `create('users')`, by the test process's own `fetch`. */
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
