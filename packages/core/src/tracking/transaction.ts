/** What is created in a transaction is open work until it settles. */
import type { CaptureTransaction } from '../resource/capture.ts'
import { announcedTx, type Resource } from '../resource/resource.ts'
import { markGone } from './gone.ts'
import type { Tracking } from './tracking.ts'

export interface TrackedTransaction extends CaptureTransaction {
  created(resources: readonly Resource[]): void
  onCommit(strike: () => void): void
  /** What is taken back with the work that it belongs to. */
  onRollback(takeBack: () => void): void
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
    onCommit: (strike) => void onCommit.push(strike),
    onRollback: (takeBack) => void onRollback.push(takeBack),
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
      // Where the end is not known, what was deleted may be there still: a removal will find out.
      if (as === 'committed') for (const strike of onCommit) strike()
    },
  }
}

function inReverse(takeBacks: readonly (() => void)[]): void {
  for (const takeBack of takeBacks.toReversed()) takeBack()
}

function rolledBack(created: readonly Resource[]): void {
  for (const resource of created) {
    resource.state = 'gone'
    resource.why = 'rollback'
  }
}
