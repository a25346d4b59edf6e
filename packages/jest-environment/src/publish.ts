/** Lets what tests import of Dustpan find the one instance of this process, from the vm context of their file. */
const key = Symbol.for('dustpan/1')

export function publishIn(global: object): Disposable {
  const { [key]: instance } = globalThis as { [key]?: object }
  // Frozen: when a file is over, Jest 30 takes apart what was put on its global object.
  Object.defineProperty(global, key, { value: Object.freeze({ ...instance }), configurable: true })
  return { [Symbol.dispose]: () => void Reflect.deleteProperty(global, key) }
}
