import { type PatchedCall, replaceMethod } from '@dustpan/core/driver'

/** Property of a replacement method that holds the original. */
const replaced = Symbol.for('dustpan/original')

/** The library's own method, without the patch. */
export function original<M>(method: M): M {
  return (method as { [replaced]?: M } | undefined)?.[replaced] ?? method
}

/** Replaces `target[name]` with the result of `wrap`; does nothing if there is no such method. */
export function patch(target: object, name: PropertyKey, wrap: (method: PatchedCall) => PatchedCall): Disposable {
  return replaceMethod(target, name, (method) => Object.defineProperty(wrap(method), replaced, { value: method }))
}
