/** Lets a listener see the first argument of one object's method, each time before the method runs. Never throws. */
export function tap<Argument>(target: object, name: string, listener: (argument: Argument) => void): void {
  const original = (target as Record<string, unknown>)[name]
  if (typeof original !== 'function') return
  const tapped = function (this: unknown, ...args: unknown[]): unknown {
    try {
      listener(args[0] as Argument)
    } catch {
      // What is looked at in passing must not break what passes.
    }
    return Reflect.apply(original, this, args)
  }
  Object.defineProperty(target, name, { value: tapped, writable: true, configurable: true })
}
