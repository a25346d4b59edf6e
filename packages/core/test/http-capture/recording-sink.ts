/** A CaptureSink that remembers what it receives, by scope. */
import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks'
import type { CaptureSink, CreatedSet, KnownResource, StoreSeen } from '../../src/resource/capture.ts'
import type { Json } from '../../src/resource/resource.ts'

export interface RecordedScope {
  readonly name: string
  readonly began: number
  /** In order: `intent POST /users`, `created user 7`, `none mocked`. */
  readonly events: string[]
  readonly stores: StoreSeen[]
  readonly sets: CreatedSet[]
  readonly known: KnownResource[]
}

export interface RecordingSink extends CaptureSink {
  readonly warnings: string[]
  /** Resources that users deleted themselves: `user 7`. */
  readonly struck: string[]
  /** Runs a function as a test with this name. */
  run<T>(name: string, fn: (scope: RecordedScope) => T): T
  sentHeaders: Record<string, string>
}

export function recordingSink(): RecordingSink {
  const scopes = new AsyncLocalStorage<RecordedScope>()
  const own = new AsyncLocalStorage<true>()
  const warnings: string[] = []
  const gone: string[] = []
  let serial = 0
  const record = (scope: RecordedScope, store: StoreSeen, set: CreatedSet) =>
    set.keys.map((key) => {
      const id = `r${++serial}`
      const removal = set.steps[0]
      scope.events.push(`created ${set.type} ${String(key)}`)
      scope.known.unshift({
        id,
        type: set.type,
        key,
        store: { driver: 'http', id: store.id },
        ...(removal ? { removal } : {}),
      })
      return id
    })
  return {
    warnings,
    struck: gone,
    sentHeaders: {},
    run: (name, fn) => {
      const scope: RecordedScope = { name, began: Date.now(), events: [], stores: [], sets: [], known: [] }
      return scopes.run(scope, () => fn(scope))
    },
    get active() {
      return scopes.getStore() !== undefined && own.getStore() === undefined
    },
    beginHere() {
      return AsyncResource.bind((draft) => this.begin(draft))
    },
    begin({ store, via }) {
      const scope = scopes.getStore()
      if (!scope) return undefined
      scope.events.push(`intent ${via}`)
      scope.stores.push(store)
      return {
        expect() {},
        created(sets) {
          scope.sets.push(...sets)
          return sets.flatMap((set) => record(scope, store, set))
        },
        none: (why) => void scope.events.push(`none ${why}`),
      }
    },
    gone(_store, type, keys) {
      for (const key of keys as readonly Json[]) gone.push(`${type} ${String(key)}`)
    },
    removed(store, type, keys) {
      this.gone(store, type, keys)
    },
    transaction: () => {
      throw new Error('HTTP has none')
    },
    bind: (callback) => AsyncResource.bind(callback as never) as never,
    warn: (code, subject, _message) => {
      const line = `${code} ${subject}`
      if (!warnings.includes(line)) warnings.push(line)
    },
    known: () => scopes.getStore()?.known ?? [],
    untracked: (fn) => own.run(true, fn),
    onRecord: () => undefined,
    scopeBegan: () => scopes.getStore()?.began,
    headers() {
      return this.sentHeaders
    },
  }
}
