/** The cleanup pipeline's view of a process that tracks. */
import type { Connections } from '../cleanup/connections.ts'
import type { CleanupContext } from '../cleanup/context.ts'
import type { Tracking } from '../tracking/tracking.ts'

export function workerContext(tracking: Tracking, connections: Connections): CleanupContext {
  const { settings, writer, drivers, closures, context, openTransactions, known, runScope } = tracking
  return {
    settings,
    run: writer.run,
    writer: writer.writer,
    drivers,
    connections,
    closures,
    isOpen: (tx) => openTransactions.has(tx),
    isKept: (store, type, key) => known.find(store, type, key)?.state === 'kept',
    derive(parent, set) {
      const scope = tracking.scopes.get(parent.scope) ?? runScope
      return tracking.record(scope, { ...set, set: tracking.nextId(), attributed: parent.set.attributed })
    },
    write: tracking.write,
    warn: tracking.warn,
    asOwn: context.asOwn,
    nextBatch: tracking.nextId,
  }
}
