/** Resolves packages of the Jest that is running: another copy may be nearer to Dustpan. */
import { createRequire } from 'node:module'
import { join } from 'node:path'

const require = createRequire(import.meta.url)

/**
 * Loads a package that Jest depends on: as Jest in the working directory would resolve it, else as the Jest that loaded us
 * would.
 */
export function requireOfJest(name: string): unknown {
  const from = [...loaded(), ...dependents()].findLast((file) => resolves(file, name))
  return createRequire(from ?? import.meta.url)(name)
}

/** Paths of package.json, from the project's to that of Jest's innermost package. */
function dependents(): string[] {
  const files = [join(process.cwd(), 'package.json')]
  for (const name of ['jest', '@jest/core', 'jest-config']) {
    const found = resolves(files.at(-1) as string, `${name}/package.json`)
    if (found !== undefined) files.push(found)
  }
  return files
}

const loaded = (): string[] =>
  Object.keys(require.cache).filter((file) => /[\\/]jest-(?:runner|config)[\\/]build[\\/]/.test(file))

function resolves(from: string, name: string): string | undefined {
  try {
    return createRequire(from).resolve(name)
  } catch {
    return undefined
  }
}
