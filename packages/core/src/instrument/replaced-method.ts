/** Replaces a method in place, and restores it. */
import { asOne } from './as-one.ts'

/** A method of any kind. */
export type Method = (this: never, ...args: never[]) => unknown

/** A method called with any arguments. */
export type PatchedCall = (this: unknown, ...args: unknown[]) => unknown

/**
 * Replaces a method, also an inherited one, with the result of `make`, keeping its name and length. Does nothing if there is no
 * such method. Disposing restores the original, unless someone else has replaced it since.
 */
export function replaceMethod(target: object, name: PropertyKey, make: (original: PatchedCall) => Method): Disposable {
  const before = Object.getOwnPropertyDescriptor(target, name)
  const original = (target as { readonly [name: PropertyKey]: unknown })[name]
  if (typeof original !== 'function') return asOne([])
  const value = Object.defineProperties(make(original as PatchedCall), {
    name: { value: original.name },
    length: { value: original.length },
  })
  const { writable = true, configurable = true, enumerable = false } = before ?? {}
  Object.defineProperty(target, name, { value, writable, configurable, enumerable })
  return {
    [Symbol.dispose]() {
      if (Object.getOwnPropertyDescriptor(target, name)?.value !== value) return
      if (before) Object.defineProperty(target, name, before)
      else Reflect.deleteProperty(target, name)
    },
  }
}

/** The prototype that defines the method: the exported class may only extend it. */
export function ownerOf(prototype: object, method: string): object {
  const parent = Object.getPrototypeOf(prototype) as object | null
  return Object.hasOwn(prototype, method) || parent === null ? prototype : ownerOf(parent, method)
}
