/** A project with Vitest installed. */
import { createProject as createAny, type Project } from '@dustpan/conformance'

export { outcomes, type Project, resources } from '@dustpan/conformance'

/** The supported versions; `@vitest/ui` 5.1.1 is not published. */
export const vitestVersions = {
  '5': { vitest: '5.1.1', vite: '^8.3.0' },
  '4.1': { vitest: '4.1.12', '@vitest/ui': '4.1.12', vite: '^7.0.0' },
} as const
export type VitestVersion = keyof typeof vitestVersions

const clients = {
  '@types/node': '^24.19.0',
  typescript: '7.0.2',
  axios: '^1.21.0',
  'better-sqlite3': '^13.2.0',
  'happy-dom': '^21.0.3',
  jsdom: '^29.1.1',
  msw: '3.0.5',
  nock: '^15.0.6',
  pg: '^8.23.0',
}

export const configFile = `import { defineConfig } from 'vitest/config'
import { dustpan } from '@dustpan/vitest-plugin'
export default defineConfig({ plugins: [dustpan()] })
`

export function createProject(
  files: Readonly<Record<string, string>>,
  version: VitestVersion = '5',
  command: 'run' | 'list' | 'watch' = 'run',
): Promise<Project> {
  return createAny({
    dependencies: { ...vitestVersions[version], ...clients },
    // The packages for other runners would install these runners.
    packages: ['core', 'cli', 'postgres', 'sqlite', 'vitest-plugin'].map((name) => `@dustpan/${name}`),
    files: { 'vitest.config.ts': configFile, ...files },
    command: ['node_modules/vitest/vitest.mjs', command],
  })
}
