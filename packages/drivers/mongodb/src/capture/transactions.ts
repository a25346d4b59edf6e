/** Transactions of sessions, by number; one is opened in the core only when there is something to record. */
import type { CaptureTransaction } from '@dustpan/core/driver'
import type { Session } from '../mongo.ts'
import { type Call, isServerError, type Watcher } from './call.ts'

const open = new Map<Session, { readonly number: number; readonly store: string; readonly tx: CaptureTransaction }>()

export function isTransactionOpen(store: string): boolean {
  return [...open.values()].some((one) => one.store === store)
}

/** Undefined outside a transaction, where commands take effect at once. */
export function transactionOf({ sink, store, session }: Call): CaptureTransaction | undefined {
  if (!session.inTransaction()) return undefined
  const number = session.serverSession?.txnNumber ?? 0
  const current = open.get(session)
  if (current?.number === number) return current.tx
  settleOpen(session, 'unknown')
  const tx = sink.transaction(store)
  open.set(session, { number, store: store.id, tx })
  return tx
}

/** Transactions that have changed documents; queries outside the transaction do not see the changes. */
const changing = new WeakSet<object>()

export function noteChange({ session }: Pick<Call, 'session'>): void {
  if (session.transaction && session.inTransaction()) changing.add(session.transaction)
}

export function hasChanged({ session }: Pick<Call, 'session'>): boolean {
  return session.inTransaction() && (!session.transaction || changing.has(session.transaction))
}

export const commitTransaction: Watcher = async ({ session }, send) => {
  try {
    const reply = await send()
    settleOpen(session, 'committed')
    return reply
  } catch (error) {
    settleOpen(session, isServerError(error) && isTransient(error) ? 'rolled-back' : 'unknown')
    throw error
  }
}

/** Rolled back even if the server does not get the command: without a commit, nothing takes effect. */
export const abortTransaction: Watcher = async ({ session }, send) => {
  try {
    return await send()
  } finally {
    settleOpen(session, 'rolled-back')
  }
}

function settleOpen(session: Session, as: 'committed' | 'rolled-back' | 'unknown'): void {
  open.get(session)?.tx.settle(as)
  open.delete(session)
}

function isTransient(error: unknown): boolean {
  return (error as { hasErrorLabel?(label: string): boolean }).hasErrorLabel?.('TransientTransactionError') === true
}
