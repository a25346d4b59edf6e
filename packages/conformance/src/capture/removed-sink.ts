import type { Json, StoreSeen } from '@dustpan/core/driver'
import { RecordingSink } from './recording-sink.ts'

/** As in the core: a removed resource without a record belongs to nobody when its key appears again. */
export class RemovedSink extends RecordingSink {
  readonly #removed = new Set<string>()

  override removed(...[store, type, keys, tx]: Parameters<RecordingSink['removed']>): void {
    for (const key of keys) if (!this.onRecord(store, type, key)) this.#removed.add(named(type, key))
    super.removed(store, type, keys, tx)
  }

  override begin(draft: Parameters<RecordingSink['begin']>[0]): ReturnType<RecordingSink['begin']> {
    const pending = super.begin(draft)
    if (!pending) return undefined
    return {
      ...pending,
      created: (sets, tx) => {
        const isNew = (type: string) => (key: Json) => !this.#removed.delete(named(type, key))
        return pending.created(
          sets.map((set) => ({ ...set, keys: set.keys.filter(isNew(set.type)) })),
          tx,
        )
      },
    }
  }

  wasThere(_: StoreSeen, type: string, key: Json): boolean {
    return this.#removed.has(named(type, key))
  }
}

const named = (type: string, key: Json) => `${type} ${JSON.stringify(key)}`
