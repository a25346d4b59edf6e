/** The file of a suite or runnable: in serial mode all files share one root suite. */
import { relative } from 'node:path'
import type { Runnable, Suite } from './mocha.ts'

/** Undefined for a root-level hook of a suite with several files. */
export function fileOf({ file, parent }: Runnable): string | undefined {
  return file ?? (parent && fileOfSuite(parent))
}

const known = new WeakMap<Suite, string | undefined>()

export function fileOfSuite(suite: Suite): string | undefined {
  if (!known.has(suite)) known.set(suite, suite.root ? onlyFile(suite) : (suite.file ?? fileOfFirst(suite)))
  return known.get(suite)
}

function onlyFile(root: Suite): string | undefined {
  const [file, ...others] = filesIn(root)
  return others.length === 0 ? file : undefined
}

export const filesIn = ({ tests, suites }: Suite): ReadonlySet<string | undefined> =>
  new Set([...tests.map(({ file }) => file), ...suites.map(fileOfSuite)])

/** With the `exports` interface only tests have a file. */
function fileOfFirst({ tests, suites }: Suite): string | undefined {
  if (tests[0]?.file !== undefined) return tests[0].file
  for (const suite of suites) {
    const file = fileOfSuite(suite)
    if (file !== undefined) return file
  }
  return undefined
}

/** Root-level tests run before all suites, so a file with both is over after its last suite. */
export function isOver(file: string, { suites }: Suite, now: Suite): boolean {
  return suites.findLastIndex((suite) => fileOfSuite(suite) === file) < suites.indexOf(now)
}

const names = new Map<string, string>()

/** Relative to the working directory. */
export function nameOfFile(file: string): string {
  const name = names.get(file) ?? relative(process.cwd(), file).replaceAll('\\', '/')
  names.set(file, name)
  return name
}
