/**
 * A transaction of the user's and what was recorded in it. The marks still in the database show which statements were not rolled
 * back.
 */
import type { CaptureSink, CaptureTransaction, StoreSeen } from '@dustpan/core/driver'

interface Batch {
  /** Left by the statement in its own transaction. */
  readonly mark: number
  /** The savepoint of each store's transaction before the statement. */
  readonly points: ReadonlyMap<CaptureTransaction, number>
}

export class OpenTransaction {
  readonly #sink: CaptureSink
  readonly #stores = new Map<string, CaptureTransaction>()
  #batches: Batch[] = []

  constructor(sink: CaptureSink) {
    this.#sink = sink
  }

  of(store: StoreSeen): CaptureTransaction {
    const known = this.#stores.get(store.id)
    if (known !== undefined) return known
    const transaction = this.#sink.transaction(store, { announced: true })
    this.#stores.set(store.id, transaction)
    return transaction
  }

  /** Called before the changes of a statement to these stores are recorded. */
  begin(mark: number, stores: readonly StoreSeen[]): void {
    for (const store of stores) this.of(store)
    const points = new Map([...this.#stores.values()].map((transaction) => [transaction, transaction.savepoint()]))
    this.#batches.push({ mark, points })
  }

  /** Rolls back the records of statements whose marks are gone. */
  reconcile(marks: ReadonlySet<number>): void {
    const first = this.#batches.findIndex((batch) => !marks.has(batch.mark))
    if (first === -1) return
    const points = new Map<CaptureTransaction, number>()
    for (const batch of this.#batches.slice(first)) {
      for (const [transaction, point] of batch.points) if (!points.has(transaction)) points.set(transaction, point)
    }
    for (const [transaction, point] of points) transaction.rollbackTo(point)
    this.#batches = this.#batches.slice(0, first)
  }

  /** Called when a statement that may end the transaction is about to run. */
  committing(): void {
    for (const transaction of this.#stores.values()) transaction.committing()
  }

  /** Called when the transaction is over: the remaining statements are committed. */
  settle(end: 'committed' | 'rolled-back' = this.#batches.length > 0 ? 'committed' : 'rolled-back'): void {
    for (const transaction of this.#stores.values()) transaction.settle(end)
  }
}
