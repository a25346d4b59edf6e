import type { CaptureTransaction } from '@dustpan/core/driver'
import type { TransactionControl } from './statement.ts'

/** One connection's transaction, as its statements and the status in the server's answers tell it. Nothing is opened before there is something to tell. */
export class OpenTransaction {
  readonly #begin: () => CaptureTransaction
  readonly #isCommitting: () => boolean
  #tx: CaptureTransaction | undefined
  #savepoints: { name: string; point: number | undefined }[] = []

  /** `isCommitting`: something that may commit it has been sent. */
  constructor(begin: () => CaptureTransaction, isCommitting: () => boolean) {
    this.#begin = begin
    this.#isCommitting = isCommitting
  }

  /** There is something to tell of one. */
  get isOpen(): boolean {
    return this.#tx !== undefined
  }

  /** For what a statement did while a transaction was open. */
  told(what: 'created' | 'gone'): CaptureTransaction {
    this.#tx ??= this.#opened()
    if (what === 'created' && this.#isCommitting()) this.#tx.committing(true)
    return this.#tx
  }

  /** What may commit it is about to be sent. */
  committing(): void {
    this.#tx?.committing()
  }

  control({ kind, savepoint: name = '' }: TransactionControl): void {
    if (kind === 'begin' || kind === 'commit') this.settle('committed')
    else if (kind === 'rollback') this.settle('rolled-back')
    else if (kind === 'savepoint') this.#mark(name)
    else if (kind === 'release') this.#savepoints = this.#savepoints.slice(0, this.#find(name))
    else this.#rollbackTo(this.#find(name))
  }

  settle(as: 'committed' | 'rolled-back' | 'unknown'): void {
    this.#tx?.settle(as)
    this.#tx = undefined
    this.#savepoints = []
  }

  /** Savepoints made before there was anything to tell are all its beginning. */
  #opened(): CaptureTransaction {
    const tx = this.#begin()
    const start = tx.savepoint()
    for (const savepoint of this.#savepoints) savepoint.point = start
    return tx
  }

  /** A savepoint takes the name of an older one. */
  #mark(name: string): void {
    this.#savepoints = this.#savepoints.filter((savepoint) => savepoint.name !== name)
    this.#savepoints.push({ name, point: this.#tx?.savepoint() })
  }

  #find(name: string): number {
    const found = this.#savepoints.findLastIndex((savepoint) => savepoint.name === name)
    return found < 0 ? this.#savepoints.length : found
  }

  #rollbackTo(index: number): void {
    const savepoint = this.#savepoints[index]
    this.#savepoints.length = Math.min(this.#savepoints.length, index + 1)
    if (savepoint?.point !== undefined) this.#tx?.rollbackTo(savepoint.point)
  }
}
