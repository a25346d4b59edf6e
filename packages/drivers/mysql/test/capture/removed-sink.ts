import { RecordingSink } from '@dustpan/conformance/capture'
import type { Json } from '@dustpan/core/driver'

/** As the core does it: what was removed and is nobody's is nobody's when it comes again. */
export class RemovedSink extends RecordingSink {
  readonly #removed = new Set<string>()
  readonly #again = new Set<string>()

  override removed(...[store, type, keys, tx]: Parameters<RecordingSink['removed']>): void {
    for (const key of keys) if (!this.live().includes(named(type, key))) this.#removed.add(named(type, key))
    super.removed(store, type, keys, tx)
  }

  override begin(draft: Parameters<RecordingSink['begin']>[0]): ReturnType<RecordingSink['begin']> {
    const pending = super.begin(draft)
    if (!pending) return undefined
    return {
      ...pending,
      created: (sets, tx) => {
        for (const { type, keys } of sets)
          for (const key of keys) if (this.#removed.delete(named(type, key))) this.#again.add(named(type, key))
        return pending.created(sets, tx)
      },
    }
  }

  get tracked(): string[] {
    return this.live().filter((one) => !this.#again.has(one))
  }
}

const named = (type: string, key: Json) => `${type} ${typeof key === 'object' ? JSON.stringify(key) : key}`
