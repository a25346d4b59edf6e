/** `test.projects`: applies the root's Dustpan plugin to all projects. */
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import type { TestProject, Vitest } from 'vitest/node'
import type { DustpanPlugin } from './plugin.ts'

export const setupFile = (): string => fileURLToPath(import.meta.resolve('@dustpan/vitest-plugin/setup'))

/** The parts of the root's configuration that are read before Vitest resolves it. */
interface RootConfig {
  readonly test?: { projects?: unknown; globalSetup?: string | string[] }
}

/** Vitest calls `configureVitest` for projects, not for the root, so at least one project must have the plugin. */
export function addToProjects({ test }: RootConfig, plugin: DustpanPlugin): void {
  if (!Array.isArray(test?.projects)) return
  test.globalSetup = [
    test.globalSetup ?? [],
    fileURLToPath(import.meta.resolve('@dustpan/vitest-plugin/global-setup')),
  ].flat()
  if (inheritsRootPlugins()) return
  test.projects = test.projects.map((project) => (isStandalone(project) ? withPlugin(project, plugin) : project))
}

/** Since Vitest 5, which warns about a plugin that a project both has and inherits. */
function inheritsRootPlugins(): boolean {
  const { version } = createRequire(import.meta.url)('vitest/package.json') as { version: string }
  return Number.parseInt(version, 10) >= 5
}

interface InlineProject {
  readonly extends?: unknown
  readonly plugins?: readonly unknown[]
}

const isStandalone = (project: unknown): project is InlineProject =>
  typeof project === 'object' && project !== null && !('then' in project) && (project as InlineProject).extends !== true

const withPlugin = (project: InlineProject, plugin: DustpanPlugin): InlineProject => ({
  ...project,
  plugins: [...(project.plugins ?? []), plugin],
})

/** With the plugin in the root, all projects, otherwise the given one; without browser projects, where Dustpan does not run. */
export function projectsOf(project: TestProject, { vite, projects }: Vitest): readonly TestProject[] {
  const isInRoot = vite.config.plugins.some(({ name }) => name === 'dustpan')
  const all = isInRoot ? [project, ...projects] : [project]
  return all.filter(({ config }) => !config.browser.enabled)
}
