/** Passes the arguments of an object's method to a listener, each time before the method runs. Never throws. */
export function tap<Arguments extends unknown[]>(
  target: object,
  name: string,
  listener: (...args: Arguments) => void,
): void {
  const original = (target as Record<string, unknown>)[name]
  if (typeof original !== 'function') return
  const tapped = function (this: unknown, ...args: unknown[]): unknown {
    try {
      listener(...(args as Arguments))
    } catch {
      // Observing must not break the observed call.
    }
    return Reflect.apply(original, this, args)
  }
  Object.defineProperty(target, name, { value: tapped, writable: true, configurable: true })
}
