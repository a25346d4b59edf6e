/** Watches the modules that tests load: each test file has Jest's own module system, which calls none of Node's hooks. */
import { createRequire } from 'node:module'
import { isAbsolute } from 'node:path'
import type { RunnerSession } from '@dustpan/core/worker'
import type { Runtime } from './jest.ts'
import { hideOwnFrames } from './own-frames.ts'
import { requireOfJest } from './running-jest.ts'

const require = createRequire(import.meta.url)
const watched = new WeakSet<object>()
let delivery: ((name: string, exports: unknown, load: Load) => void) | undefined

/** Loads a module from the place that loaded another one. */
type Load = (name: string) => unknown

/** Patches Jest's runtime class, once per process and before a file's setup files run. */
export function watchRuntimes(): void {
  const runtimes = (requireOfJest('jest-runtime') as { default: { prototype: Runtime } }).default.prototype
  if (watched.has(runtimes)) return
  watched.add(runtimes)
  const { requireModule } = runtimes
  runtimes.requireModule = function (from, name, ...rest) {
    // An ES module, which Jest's `require` cannot load. Its state lives outside the vm context anyway.
    if (name === '@dustpan/core') return require(name)
    try {
      const exports = requireModule.call(this, from, name, ...rest)
      if (name !== undefined)
        delivery?.(name, exports, (other) => requireModule.call(this, isAbsolute(name) ? name : from, other))
      return exports
    } catch (error) {
      hideOwnFrames(error)
      throw error
    }
  }
}

/** Delivers loaded client libraries to the session. Disposing releases them, and the vm context that they are in. */
export function deliverClients({ clients, deliver }: RunnerSession): Disposable {
  const delivered = new Map<unknown, Disposable>()
  const add = (exports: unknown) => {
    if (!delivered.has(exports)) delivered.set(exports, deliver(exports))
  }
  delivery = (name, exports, load) => {
    const client = clients.find((candidate) => name === candidate || isSubpath(name, candidate))
    if (client === undefined) return
    add(exports)
    if (name !== client) addMain(() => add(load(client)))
  }
  return {
    [Symbol.dispose]() {
      delivery = undefined
      for (const disposable of delivered.values()) disposable[Symbol.dispose]()
    },
  }
}

/** `mysql2/promise`, for example. A module loaded by `import` is named by its path. */
const isSubpath = (name: string, client: string): boolean =>
  isAbsolute(name) ? name.replaceAll('\\', '/').includes(`/node_modules/${client}/`) : name.startsWith(`${client}/`)

/** A subpath uses the classes that the package's main module exports. A package that cannot be loaded is left to the test. */
function addMain(add: () => void): void {
  try {
    add()
  } catch {
    // The test gets the error itself if it loads the package.
  }
}
