import { asOne, type PatchedCall, replaceMethod } from '@dustpan/core/driver'

const isOurs = Symbol.for('dustpan/kafka/patched')

/** Replaces `target[name]` by what `wrap` makes of it; does nothing where there is no such method, or it was replaced by us before. */
export function patch(target: object, name: PropertyKey, wrap: (method: PatchedCall) => PatchedCall): Disposable {
  const own: unknown = Object.getOwnPropertyDescriptor(target, name)?.value
  if (typeof own === 'function' && isOurs in own) return asOne([])
  return replaceMethod(target, name, (method) => Object.defineProperty(wrap(method), isOurs, { value: true }))
}
