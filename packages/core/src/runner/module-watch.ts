/** Passes client libraries to the instruments as tests load them, however they are loaded and in however many copies. */
import nodeModule, { createRequire } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { CaptureSink, Instrument } from '../resource/capture.ts'

/** Loads nothing early: a module is inspected when code outside its package resolves it. */
export function watchModules(instruments: readonly Instrument[], sink: CaptureSink): Disposable {
  const installed: Disposable[] = []
  const seen = new Map(instruments.map((instrument) => [instrument, new Set<string>()]))
  const require = createRequire(import.meta.url)

  /** Delivering a module resolves it again: this prevents recursion. Other instruments for the same module get it afterwards. */
  const underWay = new Set<string>()

  const deliver = (url: string, instrument: Instrument) => {
    if (seen.get(instrument)?.has(url) || underWay.has(url)) return
    seen.get(instrument)?.add(url)
    underWay.add(url)
    try {
      deliverTo(instrument, url)
    } finally {
      underWay.delete(url)
    }
  }

  const deliverTo = (instrument: Instrument, url: string) => {
    const exports = load(url, require)
    if (exports !== undefined && instrument.accepts(exports)) installed.push(instrument.install(exports, sink))
    else for (const whole of packageOf(url, instrument.module)) deliver(whole, instrument)
  }

  const hooks = nodeModule.registerHooks({
    resolve(specifier, context, nextResolve) {
      const resolved = nextResolve(specifier, context)
      for (const instrument of instruments) {
        if (isImportFromOutside(instrument.module, specifier, resolved.url, context.parentURL))
          deliver(resolved.url, instrument)
      }
      return resolved
    },
  })
  for (const instrument of instruments)
    for (const url of alreadyLoaded(instrument.module, require)) deliver(url, instrument)

  return {
    [Symbol.dispose]() {
      hooks.deregister()
      for (const disposable of installed) disposable[Symbol.dispose]()
    },
  }
}

/** Whether the package is imported from outside: by its name, or (by bundlers and runners) by the file it resolves to. */
function isImportFromOutside(module: string, specifier: string, url: string, parent: string | undefined): boolean {
  if (module.startsWith('node:')) return url === module
  if (specifier === module) return true
  const inside = `/node_modules/${module}/`
  return url.includes(inside) && !parent?.includes(inside)
}

function alreadyLoaded(module: string, require: NodeJS.Require): string[] {
  if (module.startsWith('node:')) return isBuiltInLoaded(module) ? [module] : []
  const inside = `/node_modules/${module}/`
  const entry = Object.keys(require.cache).find((file) => file.replaceAll('\\', '/').includes(inside))
  if (entry === undefined) return []
  try {
    return [createRequire(entry).resolve(module)]
  } catch {
    return []
  }
}

/** A subpath of a package (`mysql2/promise`) uses classes that the package's main export exposes. */
function packageOf(url: string, module: string): string[] {
  if (!url.startsWith('file:')) return []
  try {
    return [pathToFileURL(createRequire(url).resolve(module)).href]
  } catch {
    return []
  }
}

/** A runner may have loaded the test file before it notifies Dustpan. */
function isBuiltInLoaded(module: string): boolean {
  const { moduleLoadList = [] } = process as { moduleLoadList?: readonly string[] }
  return moduleLoadList.includes(`NativeModule ${module.slice('node:'.length)}`)
}

/** Undefined if it cannot be loaded: the importing code then gets the error. */
function load(url: string, require: NodeJS.Require): unknown {
  try {
    if (url.startsWith('node:')) return process.getBuiltinModule(url)
    return require(url.startsWith('file:') ? fileURLToPath(url) : url)
  } catch {
    return undefined
  }
}
