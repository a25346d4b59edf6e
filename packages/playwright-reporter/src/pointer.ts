import type { OpenScope } from '@dustpan/core/worker'

/** Points to the current scope. Async context does not reach Playwright's tests, but a worker runs one test or hook at a time. */
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
