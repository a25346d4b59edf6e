/** Global setup for a root that has both Dustpan and projects: warns when none of the projects that run uses Dustpan. */
import type { Code } from '@dustpan/core'
import type { TestProject } from 'vitest/node'
import { isInCustomPool } from './custom-pool.ts'
import { setupFile } from './projects.ts'

const code: Code = 'DUSTPAN_NO_REPORTER'

export function setup({ vitest: { projects } }: TestProject): void {
  const file = setupFile()
  const isReached = (project: TestProject) => project.config.setupFiles.includes(file) || isInCustomPool(project)
  if (process.env.DUSTPAN_DISABLED === '1' || projects.some(isReached)) return
  const names = projects.map(({ name }) => name).join(', ')
  process.stderr.write(
    `dustpan: ${code}: nothing is tracked: dustpan() is in the plugins of the root, and none of the projects that run takes ` +
      `its plugins from there: ${names}. Add it to the plugins in the configuration of one of them; it then holds for all.\n`,
  )
}
