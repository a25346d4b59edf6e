import { type PatchedCall, replaceMethod } from '@dustpan/core/driver'

/** On a replacement: the method it stands for. */
const replaced = Symbol.for('dustpan/original')

/** The method as the library wrote it. */
export function original<M>(method: M): M {
  return (method as { [replaced]?: M } | undefined)?.[replaced] ?? method
}

/** Replaces `target[name]` by what `wrap` makes of it; does nothing where there is no such method. */
export function patch(target: object, name: PropertyKey, wrap: (method: PatchedCall) => PatchedCall): Disposable {
  return replaceMethod(target, name, (method) => Object.defineProperty(wrap(method), replaced, { value: method }))
}
