import type { CaptureTransaction } from '@dustpan/core/driver'
import { collectDoubts, type Doubt, dropDoubts, keepDoubts } from '../changes/doubted-tables.ts'
import { noteSettled } from '../changes/recorded-tables.ts'
import type { TransactionControl } from '../sql/statement.ts'

/** An effect of a statement that a rollback undoes. */
export interface Work {
  readonly kind: 'work'
  record(tx: CaptureTransaction | undefined): void
  discard(): void
}

export type Step = Work | TransactionControl

/** A question to ask after a statement, and its effects by the answer: undefined when the server refused. */
export interface FollowUp {
  readonly sql: string
  readonly values: readonly string[]
  steps(answer: unknown): readonly Step[]
}

/**
 * The transaction state of one client, derived from its statements and the server's answers. A transaction of the sink
 * begins only when there is something to record.
 */
export class Transactions {
  readonly #begin: () => CaptureTransaction
  readonly #server: () => string
  /** Queries that were sent, are not answered, and may commit it: a client may pipeline. */
  readonly #committing = new Set<object>()
  #open: OpenTransaction | undefined

  /** `server`: the server on which names of prepared transactions are unique. */
  constructor(begin: () => CaptureTransaction, server: () => string) {
    this.#begin = begin
    this.#server = server
  }

  get isOpen(): boolean {
    return this.#open !== undefined
  }

  /** A query that may commit it is about to be sent. */
  committing(query: object): void {
    this.#committing.add(query)
    this.#open?.committing()
  }

  /** The query was answered. */
  answered(query: object): void {
    this.#committing.delete(query)
  }

  /** Applies the effects of one query, in order, once it was answered or refused by the server. */
  replay(steps: readonly Step[], failed: boolean): void {
    let works: Step[] = []
    for (const step of steps) {
      if (step.kind === 'commit-prepared' || step.kind === 'rollback-prepared') {
        this.#settlePrepared(step)
      } else if (isEnd(step)) {
        this.#end(works, step)
        works = []
      } else if (step.kind === 'begin') {
        this.#open ??= this.#opened()
      } else {
        works.push(step)
      }
    }
    if (this.#open) this.#open.record(works)
    else finish(works, failed ? 'rolled-back' : 'committed')
  }

  /** The server reports that no transaction is open: it ended without a visible statement, so its outcome is unknown. */
  idle(): void {
    this.#settle('unknown')
  }

  /** The connection was lost. */
  lost(): void {
    this.#settle(this.#committing.size > 0 ? 'unknown' : 'rolled-back')
  }

  #opened(): OpenTransaction {
    return new OpenTransaction(this.#begin, () => this.#committing.size > 0)
  }

  #end(works: readonly Step[], { kind, chain, gid = '' }: End): void {
    if (!this.#open) {
      finish(works, kind === 'rollback' ? 'rolled-back' : 'committed')
    } else {
      if (kind === 'rollback') finish(works, 'rolled-back')
      else this.#open.record(works)
      if (kind === 'prepare') this.#prepare(gid)
      else this.#settle(outcomes[kind])
    }
    if (chain) this.#open = this.#opened()
  }

  /** It stays open until it is committed or rolled back, perhaps on another connection. */
  #prepare(gid: string): void {
    if (this.#open) prepared.set(this.#nameOf(gid), this.#open)
    this.#open = undefined
  }

  #settlePrepared({ kind, gid = '' }: TransactionControl): void {
    const name = this.#nameOf(gid)
    prepared.get(name)?.settle(kind === 'commit-prepared' ? 'committed' : 'rolled-back')
    prepared.delete(name)
  }

  #nameOf(gid: string): string {
    return `${this.#server()}\n${gid}`
  }

  #settle(as: 'committed' | 'rolled-back' | 'unknown'): void {
    this.#open?.settle(as)
    this.#open = undefined
  }
}

/** Prepared transactions, by server and name. */
const prepared = new Map<string, OpenTransaction>()

type End = TransactionControl & { readonly kind: keyof typeof outcomes | 'prepare' }

const outcomes = { commit: 'committed', rollback: 'rolled-back' } as const

class OpenTransaction {
  readonly #begin: () => CaptureTransaction
  readonly #isCommitting: () => boolean
  #tx: CaptureTransaction | undefined
  #savepoints: { name: string; point: number | undefined; doubts: number }[] = []
  readonly #doubts: Doubt[] = []

  constructor(begin: () => CaptureTransaction, isCommitting: () => boolean) {
    this.#begin = begin
    this.#isCommitting = isCommitting
  }

  record(steps: readonly Step[]): void {
    for (const step of steps) {
      if (step.kind === 'work') collectDoubts(this.#doubts, () => step.record(this.#transaction()))
      if (step.kind === 'savepoint') this.#addSavepoint(step)
      if (step.kind === 'release') this.#savepoints = this.#savepoints.slice(0, this.#find(step))
      if (step.kind === 'rollback-to') this.#rollbackTo(this.#find(step))
    }
  }

  committing(): void {
    this.#tx?.committing()
  }

  settle(as: 'committed' | 'rolled-back' | 'unknown'): void {
    this.#tx?.settle(as)
    if (this.#tx) noteSettled(this.#tx, as === 'committed')
    if (as === 'rolled-back') dropDoubts(this.#doubts)
    else keepDoubts(this.#doubts)
  }

  #addSavepoint({ savepoint: name = '' }: TransactionControl): void {
    this.#savepoints.push({ name, point: this.#tx?.savepoint(), doubts: this.#doubts.length })
  }

  #transaction(): CaptureTransaction {
    this.#tx ??= this.#beginTransaction()
    if (this.#isCommitting()) this.#tx.committing(true)
    return this.#tx
  }

  /** Savepoints made before the first recorded effect all map to the start. */
  #beginTransaction(): CaptureTransaction {
    const tx = this.#begin()
    const start = tx.savepoint()
    for (const savepoint of this.#savepoints) savepoint.point = start
    return tx
  }

  #find({ savepoint }: TransactionControl): number {
    const found = this.#savepoints.findLastIndex(({ name }) => name === savepoint)
    return found < 0 ? this.#savepoints.length : found
  }

  #rollbackTo(index: number): void {
    const savepoint = this.#savepoints[index]
    this.#savepoints.length = Math.min(this.#savepoints.length, index + 1)
    if (savepoint?.point !== undefined) this.#tx?.rollbackTo(savepoint.point)
    if (savepoint) dropDoubts(this.#doubts.splice(savepoint.doubts))
  }
}

function isEnd(step: Step): step is End {
  return step.kind === 'commit' || step.kind === 'rollback' || step.kind === 'prepare'
}

function finish(steps: readonly Step[], as: 'committed' | 'rolled-back'): void {
  for (const step of steps) {
    if (step.kind !== 'work') continue
    if (as === 'committed') step.record(undefined)
    else step.discard()
  }
}
