/** A session's transaction, by its number: nothing is opened before there is something to tell. */
import type { CaptureTransaction } from '@dustpan/core/driver'
import type { Session } from '../mongo.ts'
import { type Call, isServerError, type Watcher } from './call.ts'

const open = new Map<Session, { readonly number: number; readonly store: string; readonly tx: CaptureTransaction }>()

export function isTransactionOpen(store: string): boolean {
  return [...open.values()].some((one) => one.store === store)
}

/** Undefined: what the command does holds at once. */
export function transactionOf({ sink, store, session }: Call): CaptureTransaction | undefined {
  if (!session.inTransaction()) return undefined
  const number = session.serverSession?.txnNumber ?? 0
  const before = open.get(session)
  if (before?.number === number) return before.tx
  settle(session, 'unknown')
  const tx = sink.transaction(store)
  open.set(session, { number, store: store.id, tx })
  return tx
}

/** Transactions in which documents were changed: outside of one they are still as they were. */
const changing = new WeakSet<object>()

export function seeChange({ session }: Pick<Call, 'session'>): void {
  if (session.transaction && session.inTransaction()) changing.add(session.transaction)
}

export function hasChanged({ session }: Pick<Call, 'session'>): boolean {
  return session.inTransaction() && (!session.transaction || changing.has(session.transaction))
}

export const commitTransaction: Watcher = async ({ session }, send) => {
  try {
    const reply = await send()
    settle(session, 'committed')
    return reply
  } catch (error) {
    settle(session, isServerError(error) && isTransient(error) ? 'rolled-back' : 'unknown')
    throw error
  }
}

/** Whether the server hears of it or not: what is never committed does not come to be. */
export const abortTransaction: Watcher = async ({ session }, send) => {
  try {
    return await send()
  } finally {
    settle(session, 'rolled-back')
  }
}

function settle(session: Session, as: 'committed' | 'rolled-back' | 'unknown'): void {
  open.get(session)?.tx.settle(as)
  open.delete(session)
}

function isTransient(error: unknown): boolean {
  return (error as { hasErrorLabel?(label: string): boolean }).hasErrorLabel?.('TransientTransactionError') === true
}
