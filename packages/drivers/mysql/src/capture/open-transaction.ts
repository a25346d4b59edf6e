import type { CaptureTransaction } from '@dustpan/core/driver'
import type { TransactionControl } from '../sql/statement.ts'

/**
 * One connection's transaction, as its statements and the server status show it. Opened in the sink only when there is something
 * to record.
 */
export class OpenTransaction {
  readonly #begin: () => CaptureTransaction
  readonly #isCommitting: () => boolean
  #tx: CaptureTransaction | undefined
  #savepoints: { name: string; point: number | undefined }[] = []

  /** `isCommitting`: whether a statement that may commit the transaction has been sent. */
  constructor(begin: () => CaptureTransaction, isCommitting: () => boolean) {
    this.#begin = begin
    this.#isCommitting = isCommitting
  }

  /** Something was recorded in it. */
  get isOpen(): boolean {
    return this.#tx !== undefined
  }

  /** The transaction for a change made while it was open. */
  forChange(change: 'created' | 'gone'): CaptureTransaction {
    this.#tx ??= this.#opened()
    if (change === 'created' && this.#isCommitting()) this.#tx.committing(true)
    return this.#tx
  }

  /** A statement that may commit it is about to be sent. */
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

  /** Savepoints from before the first record all refer to its beginning. */
  #opened(): CaptureTransaction {
    const tx = this.#begin()
    const start = tx.savepoint()
    for (const savepoint of this.#savepoints) savepoint.point = start
    return tx
  }

  /** A savepoint replaces an older one of its name. */
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
