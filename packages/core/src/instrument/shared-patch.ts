/** Patches a method once for all callers, even other copies of a driver, and restores it with the last one. */
import { asOne } from './as-one.ts'
import { type Method, type PatchedCall, replaceMethod } from './replaced-method.ts'

/** Gets the original method, and the current rules of all callers. */
type Make<Rules> = (original: PatchedCall, all: ReadonlySet<Rules>) => Method

/** The patch is undone when the last caller disposes of it. */
export type SharedPatch = <Rules>(target: object, name: string, rules: Rules, make: Make<Rules>) => Disposable

/** A patch in place of a method, and its users. */
interface Patch {
  readonly rules: Set<unknown>
  undo(): void
}

interface Patches {
  [name: string]: Patch
}

/**
 * The patches of one driver. An object whose prototype is patched is left alone, as its calls are seen there.
 *
 * @param mark identifies patches, so that another copy of the driver finds them: a symbol of `Symbol.for`
 */
export function sharedPatch(mark: symbol): SharedPatch {
  return (target, name, rules, make) => {
    if (isPatchedAbove(target, mark, name)) return asOne([])
    const patch = patchesOn(target, mark)?.[name] ?? install(target, mark, name, make)
    patch.rules.add(rules)
    return {
      [Symbol.dispose]() {
        if (patch.rules.delete(rules) && patch.rules.size === 0) patch.undo()
      },
    }
  }
}

function isPatchedAbove(target: object, mark: symbol, name: string): boolean {
  const parent = Object.getPrototypeOf(target) as object | null
  return parent !== null && (patchesOn(parent, mark)?.[name] !== undefined || isPatchedAbove(parent, mark, name))
}

function patchesOn(target: object, mark: symbol): Patches | undefined {
  return Object.hasOwn(target, mark) ? (target as { readonly [mark: symbol]: Patches })[mark] : undefined
}

function install(target: object, mark: symbol, name: string, make: Make<never>): Patch {
  const rules = new Set<never>()
  const replaced = replaceMethod(target, name, (original) => make(original, rules))
  const patches = patchesOn(target, mark) ?? {}
  Object.defineProperty(target, mark, { value: patches, configurable: true })
  patches[name] = {
    rules,
    undo() {
      delete patches[name]
      if (Object.keys(patches).length === 0) Reflect.deleteProperty(target, mark)
      replaced[Symbol.dispose]()
    },
  }
  return patches[name]
}
