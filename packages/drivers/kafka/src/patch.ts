import { asOne, type PatchedCall, replaceMethod } from '@dustpan/core/driver'

const isPatched = Symbol.for('dustpan/kafka/patched')

/** Replaces `target[name]` with the result of `wrap`; does nothing if there is no such method, or it is already patched. */
export function patch(target: object, name: PropertyKey, wrap: (method: PatchedCall) => PatchedCall): Disposable {
  const own: unknown = Object.getOwnPropertyDescriptor(target, name)?.value
  if (typeof own === 'function' && isPatched in own) return asOne([])
  return replaceMethod(target, name, (method) => Object.defineProperty(wrap(method), isPatched, { value: true }))
}
