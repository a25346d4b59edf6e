import type { createRequire } from 'node:module'

/** Another copy of a CommonJS library, as a stranger's process would load it: what is captured in the first one is not seen in it. */
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
