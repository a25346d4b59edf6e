/** A client library twice: a copy that nothing ever patches, and the one that tests would load. */
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

/** Loads a copy and takes it out of the cache, so that whoever loads the library next gets another one. */
export function unpatchedCopy<T>(name: string): T {
  const copy = require(name) as T
  for (const file of Object.keys(require.cache)) if (file.includes(`/node_modules/${name}/`)) delete require.cache[file]
  return copy
}

/** As a test file loads it. */
export const load = <T>(name: string): T => require(name) as T
