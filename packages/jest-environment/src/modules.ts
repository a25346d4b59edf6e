/** Sees what tests load: Jest has a module system of its own for each test file, in which no hook of Node's is called. */
import { createRequire } from 'node:module'
import { isAbsolute } from 'node:path'
import type { RunnerSession } from '@dustpan/core/worker'
import type { Runtime } from './jest.ts'
import { hideOwnFrames } from './own-frames.ts'
import { requireOfJest } from './running-jest.ts'

const require = createRequire(import.meta.url)
const watched = new WeakSet<object>()
let delivery: ((name: string, exports: unknown, load: Load) => void) | undefined

/** Loads a module as the one who asked for another does. */
type Load = (name: string) => unknown

/** In Jest's class of runtimes, once for a process and before a file's set-up files run. */
export function watchRuntimes(): void {
  const runtimes = (requireOfJest('jest-runtime') as { default: { prototype: Runtime } }).default.prototype
  if (watched.has(runtimes)) return
  watched.add(runtimes)
  const { requireModule } = runtimes
  runtimes.requireModule = function (from, name, ...rest) {
    // It is an ES module, which a `require` of Jest's cannot load, and has its state out here in any case.
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

/** Until disposed, hands the client libraries that are loaded to the session; then it lets go of them, and of the vm context they are in. */
export function deliverClients({ clients, deliver }: RunnerSession): Disposable {
  const delivered = new Map<unknown, Disposable>()
  const add = (exports: unknown) => {
    if (!delivered.has(exports)) delivered.set(exports, deliver(exports))
  }
  delivery = (name, exports, load) => {
    const client = clients.find((one) => name === one || isPartOf(name, one))
    if (client === undefined) return
    add(exports)
    if (name !== client) addWhole(() => add(load(client)))
  }
  return {
    [Symbol.dispose]() {
      delivery = undefined
      for (const one of delivered.values()) one[Symbol.dispose]()
    },
  }
}

/** `mysql2/promise`; what `import` loads comes by its path. */
const isPartOf = (name: string, client: string): boolean =>
  isAbsolute(name) ? name.replaceAll('\\', '/').includes(`/node_modules/${client}/`) : name.startsWith(`${client}/`)

/** A part works with the classes that the package as a whole exports. One that cannot be loaded is the test's own affair. */
function addWhole(add: () => void): void {
  try {
    add()
  } catch {
    // Whoever needs it gets the error.
  }
}
