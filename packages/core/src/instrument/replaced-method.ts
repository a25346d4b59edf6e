/** Replaces one method in place, and puts it back. */
import { asOne } from './as-one.ts'

/** A method of any kind. */
export type Method = (this: never, ...args: never[]) => unknown

/** A method that is called with whatever was given. */
export type PatchedCall = (this: unknown, ...args: unknown[]) => unknown

/**
 * Puts what `make` gives in the place of a method, also of an inherited one, under its name and with its length. Nothing is done where there is
 * no such method. Undone, the method is as it was, unless somebody else has replaced it since: what is theirs stays.
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

/** The prototype that has the method itself: the class that is exported may only extend it. */
export function ownerOf(prototype: object, method: string): object {
  const parent = Object.getPrototypeOf(prototype) as object | null
  return Object.hasOwn(prototype, method) || parent === null ? prototype : ownerOf(parent, method)
}
