/** A sink that keeps what it is told, by the scope in whose frame it was told. */
import { AsyncLocalStorage } from 'node:async_hooks'
import type { CaptureSink, CaptureTransaction, CreatedSet, Json } from '@dustpan/core/driver'

export interface Recorded {
  readonly scope: string
  readonly store: string
  readonly type: string
  readonly via: string
  readonly keys: readonly Json[]
  readonly sets: readonly CreatedSet[]
  readonly tx?: string
}

interface Entry {
  record: Recorded
  state: 'live' | 'gone'
  tx?: string
  order: number
}

export class RecordingSink implements CaptureSink {
  readonly #scope = new AsyncLocalStorage<string>()
  readonly #entries: Entry[] = []
  readonly #gone: { entries: Entry[]; tx?: string; order: number }[] = []
  #order = 0
  #transactions = 0
  readonly intents: { scope: string; type: string; via: string; outcome: string }[] = []
  readonly warnings: { code: string; subject: string; message: string }[] = []
  readonly settled = new Map<string, string>()

  get active(): boolean {
    return this.#scope.getStore() !== undefined
  }

  run<T>(scope: string, fn: () => T): T {
    return this.#scope.run(scope, fn)
  }

  begin({ store, type, via }: Parameters<CaptureSink['begin']>[0]) {
    const scope = this.#scope.getStore()
    if (scope === undefined) return undefined
    const intent = { scope, type, via, outcome: 'open' }
    this.intents.push(intent)
    return {
      expect() {},
      created: (sets: readonly CreatedSet[], tx?: CaptureTransaction) => {
        if (intent.outcome !== 'open') throw new Error(`${via} was already ${intent.outcome}`)
        intent.outcome = 'created'
        for (const set of sets) {
          const record = {
            scope,
            store: store.id,
            type: set.type,
            via,
            keys: set.keys,
            sets,
            ...(tx ? { tx: tx.id } : {}),
          }
          this.#entries.push({ record, state: 'live', order: this.#order++, ...(tx ? { tx: tx.id } : {}) })
        }
        return []
      },
      none: (why: string) => {
        if (intent.outcome !== 'open') throw new Error(`${via} was already ${intent.outcome}`)
        intent.outcome = why
      },
    }
  }

  beginHere(): CaptureSink['begin'] {
    return AsyncLocalStorage.bind((draft) => this.begin(draft))
  }

  gone(store: { id: string }, type: string, keys: readonly Json[] | 'all', tx?: CaptureTransaction): void {
    const wanted = keys === 'all' ? undefined : new Set(keys.map((key) => JSON.stringify(key)))
    const entries = this.#entries.flatMap((entry) => {
      if (entry.state !== 'live' || entry.record.type !== type || entry.record.store !== store.id) return []
      const left = entry.record.keys.filter((key) => wanted && !wanted.has(JSON.stringify(key)))
      if (left.length === entry.record.keys.length) return []
      entry.state = 'gone'
      if (left.length > 0) this.#entries.push({ ...entry, state: 'live', record: { ...entry.record, keys: left } })
      return [entry]
    })
    this.#gone.push({ entries, order: this.#order++, ...(tx ? { tx: tx.id } : {}) })
  }

  transaction(): CaptureTransaction {
    const id = `tx${++this.#transactions}`
    this.settled.set(id, 'open')
    return {
      id,
      savepoint: () => this.#order++,
      rollbackTo: (point) => this.#undo(id, point),
      settle: (as) => {
        this.settled.set(id, as)
        if (as === 'rolled-back') this.#undo(id, -1)
      },
    }
  }

  #undo(tx: string, since: number): void {
    for (const entry of this.#entries) if (entry.tx === tx && entry.order > since) entry.state = 'gone'
    for (const gone of this.#gone) {
      if (gone.tx === tx && gone.order > since)
        for (const entry of gone.entries) entry.state = entry.tx === tx && entry.order > since ? 'gone' : 'live'
    }
  }

  bind<F extends (...args: never[]) => unknown>(callback: F): F {
    return AsyncLocalStorage.bind(callback)
  }

  warn(code: string, subject: string, message: string): void {
    if (!this.warnings.some((known) => known.code === code && known.subject === subject))
      this.warnings.push({ code, subject, message })
  }

  known() {
    return []
  }

  untracked<T>(fn: () => T): T {
    return this.#scope.exit(fn)
  }

  headers(): Record<string, string> {
    return {}
  }

  /** What is recorded and neither deleted nor rolled back. */
  get live(): readonly Recorded[] {
    return this.#entries.filter(({ state }) => state === 'live').map(({ record }) => record)
  }

  /** The live keys by type. */
  keys(scope?: string): Record<string, Json[]> {
    const keys: Record<string, Json[]> = {}
    for (const record of this.live) {
      if (scope === undefined || record.scope === scope)
        keys[record.type] = [...(keys[record.type] ?? []), ...record.keys]
    }
    return keys
  }

  clear(): void {
    this.#entries.length = this.#gone.length = this.intents.length = this.warnings.length = 0
  }
}
