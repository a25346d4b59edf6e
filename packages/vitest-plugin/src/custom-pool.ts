/** Custom pools may run tests outside of Node, like the one of Cloudflare's Workers. Dustpan runs only in Vitest's own pools. */
import type { Code } from '@dustpan/core'
import type { TestProject } from 'vitest/node'

const ownPools: ReadonlySet<string> = new Set(['forks', 'threads', 'vmForks', 'vmThreads'])

export const runsInOwnPool = ({ config }: TestProject): boolean => ownPools.has(String(config.pool))

const code: Code = 'DUSTPAN_NO_FIXTURES'
const warned = new WeakSet<TestProject>()

/** Whether the plugin reached this project, and left it alone. */
export const isInCustomPool = (project: TestProject): boolean => warned.has(project)

export function warnOfCustomPool(project: TestProject): void {
  if (warned.has(project)) return
  warned.add(project)
  if (process.env.DUSTPAN_DISABLED === '1') return
  const who = project.name === '' ? 'the tests' : `the tests of the project "${project.name}"`
  process.stderr.write(
    `dustpan: ${code}: nothing that ${who} create is tracked: they run in the pool "${project.config.pool}", and Dustpan runs ` +
      `only in Vitest's own pools: ${[...ownPools].join(', ')}.\n`,
  )
}
