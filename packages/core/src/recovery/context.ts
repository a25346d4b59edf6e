/** The cleanup context of a process that tracks. */
import type { Connections } from '../cleanup/connections.ts'
import type { CleanupContext } from '../cleanup/context.ts'
import { othersAtWork } from '../ledger/others-at-work.ts'
import { isDeclared } from '../planning/declared.ts'
import { isGone, type Resource } from '../resource/resource.ts'
import type { Tracking } from '../tracking/tracking.ts'

export function workerContext(tracking: Tracking, connections: Connections): CleanupContext {
  const others = new Map<string, () => readonly Resource[]>()
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
      return found && !isGone(found.state) ? found : undefined
    },
    verdictOf: (scope) => tracking.scopes.get(scope)?.ending?.verdict,
    recordedIn: (scope) => tracking.scopes.get(scope)?.resources ?? [],
    othersIn(store, going) {
      const own = known.inStore(store)
      if (going.every(hasOwnName)) return own
      const read = others.get(store) ?? othersAtWork(settings.dir, writer, store)
      others.set(store, read)
      return [...own, ...read()]
    },
    declaredIn: (scope) => tracking.scopes.get(scope)?.resources.filter(isDeclared) ?? [],
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

/** A folder created by Dustpan has a random name that no other process knows. */
export const hasOwnName = ({ set }: Resource): boolean => set.origin === 'captured'
