/** A sink that keeps what it is told, as the core would: rollbacks take back, commits settle. */
import type {
  CaptureSink,
  CaptureTransaction,
  CreatedSet,
  Json,
  KnownResource,
  Proof,
  Removal,
  StoreSeen,
} from '@dustpan/core/driver'

export interface Record {
  readonly id: string
  readonly store: StoreSeen
  readonly type: string
  readonly key: Json
  readonly removal: Removal
  readonly proof: Proof
  readonly via: string
  state: 'live' | 'open' | 'gone'
}

export interface RecordingSink extends CaptureSink {
  active: boolean
  /** Whether an instance serves the store. */
  serves: (store: StoreSeen) => boolean
  readonly records: Record[]
  readonly begun: string[]
  readonly nothings: string[]
  readonly warnings: string[]
  readonly settled: string[]
  /** `users 1` of what is not gone. */
  live(): string[]
  openTransactions(): number
}

export function recordingSink(): RecordingSink {
  const records: Record[] = []
  const begun: string[] = []
  const nothings: string[] = []
  const warnings: string[] = []
  const settled: string[] = []
  const open = new Set<Transaction>()
  let count = 0

  class Transaction implements CaptureTransaction {
    readonly id = `tx${++count}`
    created: Record[] = []
    strikes: (() => void)[] = []
    readonly #points: { created: number; strikes: number }[] = []

    savepoint(): number {
      return this.#points.push({ created: this.created.length, strikes: this.strikes.length }) - 1
    }

    rollbackTo(savepoint: number): void {
      const point = this.#points[savepoint]
      if (point === undefined) throw new Error(`no savepoint ${savepoint}`)
      for (const record of this.created.splice(point.created)) record.state = 'gone'
      this.strikes = this.strikes.slice(0, point.strikes)
    }

    settle(as: 'committed' | 'rolled-back' | 'unknown'): void {
      if (!open.delete(this)) throw new Error('settled twice')
      settled.push(as)
      for (const record of this.created)
        if (record.state === 'open') record.state = as === 'rolled-back' ? 'gone' : 'live'
      if (as !== 'rolled-back') for (const strike of this.strikes) strike()
    }
  }

  const keep = (store: StoreSeen, via: string, set: CreatedSet, tx: Transaction | undefined) =>
    set.keys.map((key, i) => {
      const record: Record = {
        id: `${++count}.${i}`,
        store,
        type: set.type,
        key,
        removal: set.steps[0] as Removal,
        proof: set.proof,
        via,
        state: tx === undefined ? 'live' : 'open',
      }
      records.push(record)
      tx?.created.push(record)
      return record.id
    })

  const sink: RecordingSink = {
    active: true,
    serves: () => true,
    records,
    begun,
    nothings,
    warnings,
    settled,
    live: () => records.filter(({ state }) => state !== 'gone').map(({ type, key }) => `${type} ${text(key)}`),
    openTransactions: () => open.size,
    begin(draft) {
      if (!sink.active || !sink.serves(draft.store)) return undefined
      begun.push(draft.via)
      let done = false
      const once = () => {
        if (done) throw new Error(`${draft.via} was answered twice`)
        done = true
      }
      return {
        expect() {},
        created(sets, tx) {
          once()
          return sets.flatMap((set) => keep(draft.store, draft.via, set, tx as Transaction | undefined))
        },
        none(why) {
          once()
          nothings.push(why)
        },
      }
    },
    beginHere: () => (draft) => sink.begin(draft),
    gone(store, type, keys, tx) {
      const struck = records.filter(
        (one) =>
          one.store.id === store.id &&
          one.type === type &&
          one.state !== 'gone' &&
          (keys === 'all' || keys.some((key) => text(key) === text(one.key))),
      )
      const strike = () => {
        for (const one of struck) one.state = 'gone'
      }
      if (tx === undefined) strike()
      else (tx as Transaction).strikes.push(strike)
    },
    transaction() {
      const transaction = new Transaction()
      open.add(transaction)
      return transaction
    },
    bind: (callback) => callback,
    warn: (code, subject, message) => void warnings.push(`${code} ${subject}: ${message}`),
    *known(): Iterable<KnownResource> {
      for (const { id, type, key, store, removal, state } of [...records].reverse()) {
        if (state !== 'gone') yield { id, type, key, store: { driver: 'sqlite', id: store.id }, removal }
      }
    },
    untracked: (fn) => fn(),
    headers: () => ({}),
  }
  return sink
}

function text(key: Json): string {
  return typeof key === 'object' ? JSON.stringify(key) : String(key)
}
