/** Replaces methods in place, and puts them back. */

/** On a replacement: the method it stands for. */
const replaced = Symbol.for('dustpan/original')

/** A method before or after it is patched. */
export type PatchedCall = (this: unknown, ...args: unknown[]) => unknown

/** The method as the library wrote it. */
export function original<M>(method: M): M {
  return (method as { [replaced]?: M } | undefined)?.[replaced] ?? method
}

/** Replaces `target[name]` by what `wrap` makes of it; does nothing where there is no such method. */
export function patch(target: object, name: PropertyKey, wrap: (method: PatchedCall) => PatchedCall): Disposable {
  const before = Object.getOwnPropertyDescriptor(target, name)
  if (typeof before?.value !== 'function') return { [Symbol.dispose]: () => {} }
  const method = Object.defineProperties(wrap(before.value), {
    name: { value: before.value.name },
    length: { value: before.value.length },
    [replaced]: { value: before.value },
  })
  Object.defineProperty(target, name, { ...before, value: method })
  return {
    [Symbol.dispose]: () => {
      if (Object.getOwnPropertyDescriptor(target, name)?.value === method) Object.defineProperty(target, name, before)
    },
  }
}
