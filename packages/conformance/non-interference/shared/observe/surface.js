/** Fingerprints of all that a test can reach: the global object, `process`, every module of Node. Nothing is called, no getter is read. */
import { createHash } from 'node:crypto'
import { builtinModules } from 'node:module'

const getBuiltin = process.getBuiltinModule.bind(process)
/** Some warn when they are loaded, and some are Node's own business. */
const modules = builtinModules.filter(
  (name) => !/^_|^(node:)?(sys|punycode|wasi|sqlite|sea|quic|trace_events|inspector|test|v8|constants)/.test(name),
)

export function surface() {
  const found = {}
  const seen = new WeakSet()
  look(found, seen, 'globalThis', globalThis, 3)
  look(found, seen, 'process', process, 1)
  for (const name of modules) look(found, seen, `node:${name}`, getBuiltin(`node:${name}`), 3)
  return found
}

export function listeners() {
  return Object.fromEntries(process.eventNames().map((event) => [String(event), process.listenerCount(event)]))
}

export function globals() {
  const enumerated = []
  for (const name in globalThis) enumerated.push(name)
  return {
    'for in': enumerated.join(),
    'Object.keys': Object.keys(globalThis).join(),
    'enumerable symbols': Object.getOwnPropertySymbols(globalThis)
      .filter((symbol) => Object.getOwnPropertyDescriptor(globalThis, symbol)?.enumerable)
      .map(String)
      .sort()
      .join(),
    process: Object.keys(process).sort().join(),
  }
}

function look(found, seen, path, value, depth) {
  if (!isReachable(value) || seen.has(value)) return
  seen.add(value)
  for (const key of Reflect.ownKeys(value)) {
    const place = `${path}.${typeof key === 'symbol' ? `@@${key.description}` : key}`
    const descriptor = Object.getOwnPropertyDescriptor(value, key)
    if (
      !descriptor ||
      /vitest|jest|EVENT_HANDLERS|playwright|mocha|__coverage__|\.env\b|_(?:pending|start|events|cache|pathCache|preload)|children|moduleLoadList|cache\./i.test(
        place,
      )
    )
      continue
    found[place] = print(descriptor)
    if (depth > 1 && 'value' in descriptor && !place.includes('dustpan'))
      look(found, seen, place, descriptor.value, depth - 1)
  }
}

const isReachable = (value) => (typeof value === 'object' && value !== null) || typeof value === 'function'

function print({ value, get, set, writable, enumerable, configurable }) {
  const flags = [writable && 'w', enumerable && 'e', configurable && 'c'].filter(Boolean).join('')
  return [...[value, get, set].filter((part) => part !== undefined).map(kind), flags].join(' ')
}

function kind(value) {
  if (typeof value !== 'function') return typeof value
  const source = createHash('sha1').update(Function.prototype.toString.call(value)).digest('hex').slice(0, 8)
  return `function ${String(own(value, 'name'))}/${String(own(value, 'length'))} ${source}`
}

const own = (value, name) => Object.getOwnPropertyDescriptor(value, name)?.value
