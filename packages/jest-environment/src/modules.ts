/** Sees what tests load: Jest has a module system of its own for each test file, in which no hook of Node's is called. */
import { createRequire } from 'node:module'
import { isAbsolute } from 'node:path'
import type { RunnerSession } from '@dustpan/core/worker'
import type { Runtime } from './jest.ts'
import { hideOwnFrames } from './own-frames.ts'
import { requireOfJest } from './running-jest.ts'

const require = createRequire(import.meta.url)
const watched = new WeakSet<object>()
let delivery: ((name: string, exports: unknown) => void) | undefined

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
      if (name !== undefined) delivery?.(name, exports)
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
  const isClient = (name: string) => clients.includes(name) || (isAbsolute(name) && isWithin(name, clients))
  delivery = (name, exports) => {
    if (isClient(name) && !delivered.has(exports)) delivered.set(exports, deliver(exports))
  }
  return {
    [Symbol.dispose]() {
      delivery = undefined
      for (const one of delivered.values()) one[Symbol.dispose]()
    },
  }
}

/** What `import` loads comes by its path. */
const isWithin = (path: string, packages: readonly string[]): boolean =>
  packages.some((name) => path.replaceAll('\\', '/').includes(`/node_modules/${name}/`))
