import type { OpenScope } from '@dustpan/core/worker'

/** Playwright lets no async context reach its tests and runs one thing at a time in a worker: so this points to the scope of what runs. */
export interface Pointer {
  /** The scope entered last. */
  readonly scope: OpenScope | undefined
  enter(scope: OpenScope): void
  leave(scope: OpenScope): void
}

export function newPointer(): Pointer {
  const entered: { readonly scope: OpenScope; readonly entry: Disposable }[] = []
  return {
    get scope() {
      return entered.at(-1)?.scope
    },
    enter: (scope) => void entered.push({ scope, entry: scope.enter() }),
    leave(scope) {
      const at = entered.findLastIndex((one) => one.scope === scope)
      for (const { entry } of at < 0 ? [] : entered.splice(at, 1)) entry[Symbol.dispose]()
    },
  }
}
