/** A transaction: resources created in it are unsettled until it ends. */
import type { CaptureTransaction } from '../resource/capture.ts'
import { announcedTx, type Resource } from '../resource/resource.ts'
import { markGone } from './gone.ts'
import type { Tracking } from './tracking.ts'

export interface TrackedTransaction extends CaptureTransaction {
  created(resources: readonly Resource[]): void
  onCommit(action: () => void): void
  /** Undoes bookkeeping when the work it belongs to is rolled back. */
  onRollback(undo: () => void): void
}

export function openTransaction(tracking: Tracking, announced?: true): TrackedTransaction {
  const id = announced ? announcedTx(tracking.nextId()) : tracking.nextId()
  let isAnnounced = false
  const created: Resource[] = []
  const onCommit: (() => void)[] = []
  const onRollback: (() => void)[] = []
  const savepoints: { created: number; onCommit: number; onRollback: number }[] = []
  tracking.openTransactions.add(id)
  return {
    id,
    created(resources) {
      for (const resource of resources) created.push(resource)
    },
    onCommit: (action) => void onCommit.push(action),
    onRollback: (undo) => void onRollback.push(undo),
    savepoint: () =>
      savepoints.push({ created: created.length, onCommit: onCommit.length, onRollback: onRollback.length }) - 1,
    rollbackTo(savepoint) {
      const point = savepoints[savepoint]
      if (!point) return
      onCommit.length = point.onCommit
      inReverse(onRollback.splice(point.onRollback))
      markGone(tracking, created.splice(point.created), 'rollback')
    },
    committing(isSent) {
      if (isAnnounced || (created.length === 0 && !isSent)) return
      isAnnounced = true
      tracking.write({ e: 'tx.committing', tx: id })
    },
    settle(as) {
      if (!tracking.openTransactions.delete(id)) return
      if (created.length > 0) tracking.write({ e: 'tx.settled', tx: id, as })
      if (as === 'rolled-back') {
        rolledBack(created)
        inReverse(onRollback)
      }
      // If the result is unknown, deleted resources may still exist: their removal will find out.
      if (as === 'committed') for (const action of onCommit) action()
    },
  }
}

function inReverse(undos: readonly (() => void)[]): void {
  for (const undo of undos.toReversed()) undo()
}

function rolledBack(created: readonly Resource[]): void {
  for (const resource of created) {
    resource.state = 'gone'
    resource.why = 'rollback'
  }
}
