/** `test.projects`: Dustpan in the plugins of the root is for all of them. */
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import type { TestProject, Vitest } from 'vitest/node'
import type { DustpanPlugin } from './plugin.ts'

export const setupFile = (): string => fileURLToPath(import.meta.resolve('@dustpan/vitest-plugin/setup'))

/** What is read of the root's configuration, before Vitest resolves it. */
interface RootConfig {
  readonly test?: { projects?: unknown; globalSetup?: string | string[] }
}

/** Vitest calls `configureVitest` for projects, not for the root: one of them at least has to have the plugin. */
export function handDown({ test }: RootConfig, plugin: DustpanPlugin): void {
  if (!Array.isArray(test?.projects)) return
  test.globalSetup = [
    test.globalSetup ?? [],
    fileURLToPath(import.meta.resolve('@dustpan/vitest-plugin/global-setup')),
  ].flat()
  if (!inheritsByItself()) test.projects = test.projects.map((one) => (isAlone(one) ? withPlugin(one, plugin) : one))
}

/** From Vitest 5 on, and there a plugin that a project has and inherits is warned of. */
function inheritsByItself(): boolean {
  const { version } = createRequire(import.meta.url)('vitest/package.json') as { version: string }
  return Number.parseInt(version, 10) >= 5
}

interface InlineProject {
  readonly extends?: unknown
  readonly plugins?: readonly unknown[]
}

const isAlone = (one: unknown): one is InlineProject =>
  typeof one === 'object' && one !== null && !('then' in one) && (one as InlineProject).extends !== true

const withPlugin = (one: InlineProject, plugin: DustpanPlugin): InlineProject => ({
  ...one,
  plugins: [...(one.plugins ?? []), plugin],
})

/** Those that a project which has the plugin speaks for. In a browser nothing of Dustpan runs. */
export function trackedWith(project: TestProject, { vite, projects }: Vitest): readonly TestProject[] {
  const isInRoot = vite.config.plugins.some(({ name }) => name === 'dustpan')
  return isInRoot ? [project, ...projects.filter(({ config }) => !config.browser.enabled)] : [project]
}
