/** The scope that the running code belongs to. */
import { AsyncLocalStorage } from 'node:async_hooks'
import type { Scope } from './scope.ts'

export interface Context {
  /** The scope of the async context, or the one entered last, if any. */
  current(): Scope | undefined
  run<T>(scope: Scope, fn: () => T): T
  /** Where async context does not reach: until disposed, code without a context belongs to this scope. */
  enter(scope: Scope): Disposable
  /** From here on, the current async context and its descendants belong to this scope. */
  switchTo(scope: Scope): void
  /** From here on, the current async context and its descendants are not captured. Once resumed, it is as if they had no context. */
  suspend(): Suspension
  /** Whether the running code is Dustpan's own. */
  readonly own: boolean
  /** Runs Dustpan's own requests and statements uncaptured. */
  asOwn<T>(fn: () => T): T
  /** Carries the caller's scope into a callback that a pool calls later. Does not touch the user's own async contexts. */
  bind<F extends (...args: never[]) => unknown>(callback: F): F
}

export interface Suspension {
  resume(): void
}

/** A flag rather than a context switch, because a context outlives its suspension: a server started in it also answers in it. */
class Suspended implements Suspension {
  isActive = true

  resume(): void {
    this.isActive = false
  }
}

export function newContext(): Context {
  const storage = new AsyncLocalStorage<Scope | Suspended | 'own'>()
  const entered: Scope[] = []
  return {
    current() {
      const found = storage.getStore()
      return found === undefined || found === 'own' || found instanceof Suspended ? entered.at(-1) : found
    },
    run: (scope, fn) => storage.run(scope, fn),
    enter(scope) {
      entered.push(scope)
      return {
        [Symbol.dispose]() {
          const at = entered.lastIndexOf(scope)
          if (at >= 0) entered.splice(at, 1)
        },
      }
    },
    switchTo: (scope) => storage.enterWith(scope),
    suspend() {
      const suspended = new Suspended()
      storage.enterWith(suspended)
      return suspended
    },
    get own() {
      const found = storage.getStore()
      return found === 'own' || (found instanceof Suspended && found.isActive)
    },
    asOwn: (fn) => storage.run('own', fn),
    bind: <F extends (...args: never[]) => unknown>(callback: F): F => {
      const store = storage.getStore()
      return function bound(this: unknown, ...args: Parameters<F>) {
        return storage.run(store as Scope, () => callback.apply(this, args))
      } as F
    },
  }
}
