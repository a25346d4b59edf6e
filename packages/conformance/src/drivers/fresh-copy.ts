import type { createRequire } from 'node:module'

/** Loads another copy of a CommonJS library, which Dustpan does not instrument, as another process would load it. */
export function freshCopy<Module>(require: ReturnType<typeof createRequire>, name: string): Module {
  const before = { ...require.cache }
  for (const path of Object.keys(require.cache)) delete require.cache[path]
  try {
    return require(name) as Module
  } finally {
    for (const path of Object.keys(require.cache)) delete require.cache[path]
    Object.assign(require.cache, before)
  }
}
