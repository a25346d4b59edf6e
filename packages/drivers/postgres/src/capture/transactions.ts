import type { CaptureTransaction } from '@dustpan/core/driver'
import type { TransactionControl } from './statement.ts'

/** Something a statement did that a rollback undoes. */
export interface Work {
  readonly kind: 'work'
  tell(tx: CaptureTransaction | undefined): void
  drop(): void
}

export type Step = Work | TransactionControl

/** What can only be asked once a statement is done, and what it did by the answer: undefined where the server refused. */
export interface Afterwards {
  readonly sql: string
  readonly values: readonly string[]
  steps(answer: unknown): readonly Step[]
}

/** One client's transaction, as its statements and the server's answers tell it. Nothing is opened before there is something to tell. */
export class Transactions {
  readonly #begin: () => CaptureTransaction
  readonly #server: () => string
  /** What has been sent, is not over, and may commit it: a client may send on meanwhile. */
  readonly #committing = new Set<object>()
  #open: OpenTransaction | undefined

  /** `server`: on which names of prepared transactions are unique. */
  constructor(begin: () => CaptureTransaction, server: () => string) {
    this.#begin = begin
    this.#server = server
  }

  get isOpen(): boolean {
    return this.#open !== undefined
  }

  /** What may commit it is about to be sent. */
  committing(query: object): void {
    this.#committing.add(query)
    this.#open?.committing()
  }

  /** It is over. */
  answered(query: object): void {
    this.#committing.delete(query)
  }

  /** What one query did, in order, once it is over: answered, or refused by the server. */
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
    if (this.#open) this.#open.tell(works)
    else finish(works, failed ? 'rolled-back' : 'committed')
  }

  /** The server says that no transaction is open: it ended in a way that no statement showed, so how is not known. */
  idle(): void {
    this.#settle('unknown')
  }

  /** The connection is no more. */
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
      else this.#open.tell(works)
      if (kind === 'prepare') this.#prepare(gid)
      else this.#settle(settled[kind])
    }
    if (chain) this.#open = this.#opened()
  }

  /** It is open work until somebody says how it ends, perhaps on another connection. */
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

/** Those that PREPARE TRANSACTION has left behind, by server and name. */
const prepared = new Map<string, OpenTransaction>()

type End = TransactionControl & { readonly kind: keyof typeof settled | 'prepare' }

const settled = { commit: 'committed', rollback: 'rolled-back' } as const

class OpenTransaction {
  readonly #begin: () => CaptureTransaction
  readonly #isCommitting: () => boolean
  #tx: CaptureTransaction | undefined
  #savepoints: { name: string; point: number | undefined }[] = []

  constructor(begin: () => CaptureTransaction, isCommitting: () => boolean) {
    this.#begin = begin
    this.#isCommitting = isCommitting
  }

  tell(steps: readonly Step[]): void {
    for (const step of steps) {
      if (step.kind === 'work') step.tell(this.#told())
      if (step.kind === 'savepoint') this.#savepoints.push({ name: step.savepoint ?? '', point: this.#tx?.savepoint() })
      if (step.kind === 'release') this.#savepoints = this.#savepoints.slice(0, this.#find(step))
      if (step.kind === 'rollback-to') this.#rollbackTo(this.#find(step))
    }
  }

  committing(): void {
    this.#tx?.committing()
  }

  settle(as: 'committed' | 'rolled-back' | 'unknown'): void {
    this.#tx?.settle(as)
  }

  #told(): CaptureTransaction {
    this.#tx ??= this.#begun()
    if (this.#isCommitting()) this.#tx.committing(true)
    return this.#tx
  }

  /** Savepoints made before there was anything to tell are all its beginning. */
  #begun(): CaptureTransaction {
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
  }
}

function isEnd(step: Step): step is End {
  return step.kind === 'commit' || step.kind === 'rollback' || step.kind === 'prepare'
}

function finish(steps: readonly Step[], as: 'committed' | 'rolled-back'): void {
  for (const step of steps) {
    if (step.kind !== 'work') continue
    if (as === 'committed') step.tell(undefined)
    else step.drop()
  }
}
