/** A transaction as the core sees it: a rollback drops what was created, and only deletions that were not rolled back count. */
import type { CaptureTransaction } from '@dustpan/core/driver'
import type { Recorded } from './recorded.ts'

export class RecordedTransaction implements CaptureTransaction {
  readonly id: string
  isAnnounced = false
  state: 'open' | 'committed' | 'rolled-back' | 'unknown' = 'open'
  readonly #created: Recorded[] = []
  readonly #struck: (readonly Recorded[])[] = []
  readonly #points: { readonly created: number; readonly struck: number }[] = []

  constructor(id: string) {
    this.id = id
  }

  create(record: Recorded): void {
    record.state = 'open'
    this.#created.push(record)
  }

  strike(records: readonly Recorded[]): void {
    this.#struck.push(records)
  }

  savepoint(): number {
    return this.#points.push({ created: this.#created.length, struck: this.#struck.length }) - 1
  }

  rollbackTo(savepoint: number): void {
    const point = this.#points[savepoint]
    if (point === undefined) throw new Error(`no savepoint ${savepoint}`)
    for (const record of this.#created.splice(point.created)) record.state = 'gone'
    this.#struck.length = point.struck
  }

  committing(): void {
    if (this.state !== 'open') throw new Error(`${this.id} was already ${this.state}`)
    this.isAnnounced = true
  }

  settle(as: 'committed' | 'rolled-back' | 'unknown'): void {
    if (this.state !== 'open') throw new Error(`${this.id} was already ${this.state}`)
    this.state = as
    const isBack = as === 'rolled-back'
    for (const record of this.#created) if (record.state === 'open') record.state = isBack ? 'gone' : 'live'
    if (!isBack) for (const record of this.#struck.flat()) record.state = 'gone'
  }
}
