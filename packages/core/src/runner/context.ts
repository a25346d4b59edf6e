/** The cleanup pipeline's view of a process that tracks. */
import type { Connections } from '../cleanup/connections.ts'
import type { CleanupContext } from '../cleanup/context.ts'
import type { Resource } from '../resource/resource.ts'
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
    find(store, type, key) {
      const found = known.find(store, type, key)
      return found && !isGone(found) ? found : undefined
    },
    verdictOf: (scope) => tracking.scopes.get(scope)?.ending?.verdict,
    recorded: (scope) => tracking.scopes.get(scope)?.resources ?? [],
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

const isGone = ({ state }: Resource): boolean => state === 'removed' || state === 'already-gone' || state === 'gone'
