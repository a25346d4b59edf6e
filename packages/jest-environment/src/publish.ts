/** Publishes this process's Dustpan instance in the vm context of a test file, where `@dustpan/core` looks for it. */
const key = Symbol.for('dustpan/1')

export function publishIn(global: object): Disposable {
  const { [key]: instance } = globalThis as { [key]?: object }
  // Frozen, as Jest 30 deletes the properties of everything on a file's global object when the file is over.
  Object.defineProperty(global, key, { value: Object.freeze({ ...instance }), configurable: true })
  return { [Symbol.dispose]: () => void Reflect.deleteProperty(global, key) }
}
