/** Loads two copies of a client library: one that is never instrumented, and the one that tests load. */
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

/** Loads a copy and removes it from the cache, so that the next load gets another one. */
export function unpatchedCopy<T>(name: string): T {
  const copy = require(name) as T
  for (const file of Object.keys(require.cache)) if (file.includes(`/node_modules/${name}/`)) delete require.cache[file]
  return copy
}

/** Loads the library as a test file does. */
export const load = <T>(name: string): T => require(name) as T
