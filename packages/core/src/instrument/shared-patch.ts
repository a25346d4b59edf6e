/** Patches a method once for all who ask, whichever copy of a driver they are, and puts it back when the last of them is gone. */
import { asOne } from './as-one.ts'
import { type Method, type PatchedCall, replaceMethod } from './replaced-method.ts'

/** Gets the method as it was, and the rules of all who stand behind the patch while it is called. */
type Make<Rules> = (original: PatchedCall, all: ReadonlySet<Rules>) => Method

/** Undone when the last of those who asked are done. */
export type SharedPatch = <Rules>(target: object, name: string, rules: Rules, make: Make<Rules>) => Disposable

/** What stands in a method's place, and for whom. */
interface Standing {
  readonly rules: Set<unknown>
  undo(): void
}

interface Standings {
  [name: string]: Standing
}

/**
 * The patches of one driver. An object whose prototype is patched is left alone: what it is called with is seen there.
 *
 * @param mark of what is patched, by which another copy of the driver finds it too: a symbol of `Symbol.for`
 */
export function sharedPatch(mark: symbol): SharedPatch {
  return (target, name, rules, make) => {
    if (isPatchedAbove(target, mark, name)) return asOne([])
    const standing = standingsOn(target, mark)?.[name] ?? stand(target, mark, name, make)
    standing.rules.add(rules)
    return {
      [Symbol.dispose]() {
        if (standing.rules.delete(rules) && standing.rules.size === 0) standing.undo()
      },
    }
  }
}

function isPatchedAbove(target: object, mark: symbol, name: string): boolean {
  const parent = Object.getPrototypeOf(target) as object | null
  return parent !== null && (standingsOn(parent, mark)?.[name] !== undefined || isPatchedAbove(parent, mark, name))
}

function standingsOn(target: object, mark: symbol): Standings | undefined {
  return Object.hasOwn(target, mark) ? (target as { readonly [mark: symbol]: Standings })[mark] : undefined
}

function stand(target: object, mark: symbol, name: string, make: Make<never>): Standing {
  const rules = new Set<never>()
  const replaced = replaceMethod(target, name, (original) => make(original, rules))
  const standings = standingsOn(target, mark) ?? {}
  Object.defineProperty(target, mark, { value: standings, configurable: true })
  standings[name] = {
    rules,
    undo() {
      delete standings[name]
      if (Object.keys(standings).length === 0) Reflect.deleteProperty(target, mark)
      replaced[Symbol.dispose]()
    },
  }
  return standings[name]
}
